// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/intent_sweep.h"

#include "libs/base/status.h"
#include "services/zoom-api/limits.h"

namespace shodan::zoomapi {
namespace {

// Batch by batch, until one is not full.
template <typename Batch>
absl::StatusOr<int> RunBatches(const Batch& batch) {
  int total = 0;
  while (true) {
    SHODAN_ASSIGN_OR_RETURN(const int done, batch(kSweepBatch, Deadline::After(kSweepLimit)));
    total += done;
    if (done < kSweepBatch) return total;
  }
}

}  // namespace

IntentSweep::IntentSweep(IntentStore& intents, std::chrono::milliseconds interval, Logger& log,
                         Metrics& metrics)
    : intents_(intents),
      log_(log),
      metrics_(metrics),
      task_(std::make_unique<PeriodicTask>(interval, [this] { Run(); })) {}

void IntentSweep::Run() {
  const absl::StatusOr<int> lost = RunBatches(
      [this](int limit, Deadline deadline) { return intents_.EndLost(limit, deadline); });
  const absl::StatusOr<int> removed = RunBatches(
      [this](int limit, Deadline deadline) { return intents_.RemoveOld(limit, deadline); });
  if (lost.ok() && *lost > 0) {
    log_.Warning("unsafe requests were lost with their process", {{"count", *lost}});
    metrics_.Count("shodan_zoomapi_intents_total", "Unsafe requests by how they ended.",
                   {{"state", "lost"}}, *lost);
  }
  const absl::Status& failure = lost.ok() ? removed.status() : lost.status();
  if (!failure.ok() && !failed_) {
    log_.Warning("the intents could not be swept", {{"reason", ReasonOf(failure)}});
  }
  failed_ = !failure.ok();
}

}  // namespace shodan::zoomapi
