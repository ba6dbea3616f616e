// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/zoom-api/domain/intent_store.h"

namespace shodan::zoomapi {

/// Says of intents whose process is gone that their outcome is unknown, and removes old ones, on a
/// thread of its own until it is destroyed.
class IntentSweep {
 public:
  /// Everything outlives it.
  IntentSweep(IntentStore& intents, std::chrono::milliseconds interval, Logger& log,
              Metrics& metrics);

 private:
  void Run();

  IntentStore& intents_;
  Logger& log_;
  Metrics& metrics_;
  bool failed_ = false;
  std::unique_ptr<PeriodicTask> task_;  // last: it is stopped before what its runs use goes
};

}  // namespace shodan::zoomapi
