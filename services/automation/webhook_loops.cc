// SPDX-License-Identifier: Apache-2.0
#include "services/automation/webhook_loops.h"

#include <algorithm>

#include "libs/base/status.h"
#include "services/automation/domain/webhooks/event_release.h"
#include "services/automation/limits.h"

namespace shodan::automation {
namespace {

constexpr std::chrono::milliseconds kTellInterval{100};

}  // namespace

WebhookLoops::WebhookLoops(Parts parts, const WebhookConfig& config)
    : parts_(parts), config_(config) {
  for (int i = 0; i < config_.readers; ++i) {
    readers_.push_back(std::make_unique<PeriodicTask>(config_.poll_interval, [this] { Read(); }));
  }
  teller_ = std::make_unique<PeriodicTask>(std::min(kTellInterval, config_.poll_interval),
                                           [this] { Tell(); });
  eraser_ = std::make_unique<PeriodicTask>(config_.erasure_interval, [this] { Erase(); });
  remover_ = std::make_unique<PeriodicTask>(kSweepInterval, [this] { Remove(); });
}

void WebhookLoops::Wake() { readers_[next_reader_.fetch_add(1) % readers_.size()]->Wake(); }

void WebhookLoops::Read() {
  const Deadline deadline = Deadline::After(kRunLimit);
  absl::StatusOr<int> read = 1;
  while (read.ok() && *read > 0 && !deadline.Expired()) read = parts_.reader.RunOnce(deadline);
  Report(reading_, read.status());
}

void WebhookLoops::Tell() {
  const absl::StatusOr<int> told = ReleaseDueEvents(parts_.store, Deadline::After(kRunLimit));
  if (told.ok() && *told > 0) {
    parts_.metrics.Count("shodan_automation_events_told_total", "Events told in their order.", {},
                         *told);
  }
  Report(telling_, told.status());
}

void WebhookLoops::Erase() {
  const absl::StatusOr<int> erased =
      EraseEndedLives(parts_.vault, parts_.store, Deadline::After(kRunLimit));
  if (erased.ok() && *erased > 0) {
    parts_.metrics.Count("shodan_automation_webhooks_erased_total",
                         "Webhooks deleted because their link ended.", {}, *erased);
  }
  Report(erasing_, erased.status());
}

void WebhookLoops::Remove() {
  const Deadline deadline = Deadline::After(kRunLimit);
  absl::StatusOr<int> removed = kSweepBatch;
  while (removed.ok() && *removed >= kSweepBatch && !deadline.Expired()) {
    removed = parts_.store.RemoveOld(config_.retention, config_.ingestion.duplicates_for,
                                     kSweepBatch, deadline);
  }
  Report(removing_, removed.status());
}

void WebhookLoops::Report(Work& work, const absl::Status& status) {
  if (work.failed.exchange(!status.ok()) == !status.ok()) return;
  if (status.ok()) {
    parts_.log.Info("webhooks are worked off again", {{"work", work.name}});
  } else {
    parts_.log.Warning("webhooks cannot be worked off",
                       {{"work", work.name}, {"reason", ReasonOf(status)}});
  }
}

}  // namespace shodan::automation
