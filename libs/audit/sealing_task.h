// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "libs/audit/audit_config.h"
#include "libs/audit/sealer.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "libs/postgres/pool.h"

namespace shodan::audit {

/// Seals the audit chains of one database on a thread of its own until it is destroyed.
///
/// Each seal is logged with its id and MAC: outside the database, where a removed or rewritten seal
/// can be held against it. Without a key (development only) nothing is sealed, and the log says so.
class SealingTask {
 public:
  /// Everything but the configuration outlives the task.
  SealingTask(postgres::Pool& pool, const AuditConfig& config, Logger& log, Metrics& metrics);

 private:
  void Run();

  Logger& log_;
  Metrics& metrics_;
  std::optional<Sealer> sealer_;
  bool failed_ = false;
  std::unique_ptr<PeriodicTask> task_;  // last: it is stopped before what its runs use goes
};

}  // namespace shodan::audit
