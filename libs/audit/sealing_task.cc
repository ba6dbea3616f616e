// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/sealing_task.h"

#include "libs/base/encoding.h"
#include "libs/base/status.h"

namespace shodan::audit {
namespace {

constexpr std::chrono::seconds kSealLimit{10};
// A bound for one run, so that the task can be stopped; the next run goes on.
constexpr int kMaxSeals = 20;

}  // namespace

SealingTask::SealingTask(postgres::Pool& pool, const AuditConfig& config, Logger& log,
                         Metrics& metrics)
    : log_(log), metrics_(metrics) {
  if (config.seal_key.empty()) {
    log_.Warning("the audit trail is not sealed: audit.seal_key_file is not set");
    return;
  }
  sealer_.emplace(pool, config.seal_key.Clone());
  task_ = std::make_unique<PeriodicTask>(config.seal_interval, [this] { Run(); });
}

void SealingTask::Run() {
  for (int i = 0; i < kMaxSeals; ++i) {
    const absl::StatusOr<Seal> seal = sealer_->SealOnce(Deadline::After(kSealLimit));
    metrics_.Count("shodan_audit_seal_runs_total", "Attempts to seal the audit trail.",
                   {{"result", seal.ok() ? "ok" : "failed"}});
    if (!seal.ok()) {
      // Once for each time it stops working: the metric counts the rest.
      if (!failed_) {
        log_.Warning("the audit trail cannot be sealed", {{"reason", ReasonOf(seal.status())}});
      }
      failed_ = true;
      return;
    }
    failed_ = false;
    if (seal->seal_id == 0) return;
    metrics_.Count("shodan_audit_sealed_rows_total", "Audit records sealed.", {},
                   static_cast<double>(seal->rows));
    log_.Info("audit sealed", {{"seal_id", seal->seal_id},
                               {"chains", seal->chains},
                               {"rows", seal->rows},
                               {"mac", HexEncode(seal->mac)}});
    if (!seal->more) return;
  }
}

}  // namespace shodan::audit
