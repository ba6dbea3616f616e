// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/account-link/domain/reconciler.h"

namespace shodan::account_link {

/// Runs a reconciler on a thread of its own until it is destroyed; logs and counts what it did. A
/// dependency that stays away is logged when it goes and when it is back, not at every run.
class ReconcilerLoop {
 public:
  ReconcilerLoop(Reconciler& reconciler, std::chrono::milliseconds interval, Logger& log,
                 Metrics& metrics);

 private:
  void RunOnce();
  void Report(const Reconciler::Report& report);

  Reconciler& reconciler_;
  Logger& log_;
  Metrics& metrics_;
  absl::Status last_status_;
  PeriodicTask task_;  // last: it is stopped before the members that its runs use go
};

}  // namespace shodan::account_link
