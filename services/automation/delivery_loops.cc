// SPDX-License-Identifier: Apache-2.0
#include "services/automation/delivery_loops.h"

#include "libs/base/status.h"
#include "services/automation/limits.h"

namespace shodan::automation {

DeliveryLoops::DeliveryLoops(Parts parts, const DeliveryConfig& config)
    : parts_(parts), retention_(config.retention) {
  for (int i = 0; i < config.senders; ++i) {
    senders_.push_back(std::make_unique<PeriodicTask>(config.poll_interval, [this] { Send(); }));
  }
  remover_ = std::make_unique<PeriodicTask>(kSweepInterval, [this] { Remove(); });
}

DeliveryLoops::~DeliveryLoops() { stopping_.store(true); }

void DeliveryLoops::Wake() { senders_[next_sender_.fetch_add(1) % senders_.size()]->Wake(); }

// Each attempt has a time limit of its own, which the sum of them does not know.
void DeliveryLoops::Send() {
  const Deadline end = Deadline::After(kRunLimit);
  absl::StatusOr<bool> sent = true;
  while (sent.ok() && *sent && !end.Expired() && !stopping_.load()) {
    sent = parts_.sender.RunOnce(Deadline::After(kAttemptLimit));
  }
  Report(sent.status());
}

void DeliveryLoops::Remove() {
  const Deadline deadline = Deadline::After(kRunLimit);
  absl::StatusOr<int> removed = kSweepBatch;
  while (removed.ok() && *removed >= kSweepBatch && !deadline.Expired()) {
    removed = parts_.store.RemoveOldDeliveries(retention_, kSweepBatch, deadline);
  }
  Report(removed.status());
}

void DeliveryLoops::Report(const absl::Status& status) {
  if (failed_.exchange(!status.ok()) == !status.ok()) return;
  if (status.ok()) {
    parts_.log.Info("events are sent again", {});
  } else {
    parts_.log.Warning("events cannot be sent", {{"reason", ReasonOf(status)}});
  }
}

}  // namespace shodan::automation
