// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/zoom_gate.h"

namespace shodan::tokenvault {

ZoomGate::Pass::~Pass() {
  if (door_ != nullptr) door_->breaker.Abandoned();
}

void ZoomGate::Pass::Ended(const TokenAnswer& answer) {
  const std::shared_ptr<Door> door = std::move(door_);
  {
    const std::lock_guard lock(gate_->mutex_);
    door->app_rejected = answer.verdict == TokenVerdict::kConfig;
  }
  switch (answer.verdict) {
    case TokenVerdict::kIssued:
    case TokenVerdict::kRejected:
      door->breaker.Succeeded();
      return;
    case TokenVerdict::kAmbiguous:
      door->breaker.Failed();
      return;
    case TokenVerdict::kTransient:
      // A rate limit is no failure.
      if (answer.status == 429) {
        door->breaker.Abandoned();
      } else {
        door->breaker.Failed();
      }
      return;
    case TokenVerdict::kConfig:
      // An operator must act; a probe now and then finds out when he has.
      door->breaker.OpenFor(gate_->pauses_.app_rejected);
      return;
  }
}

std::optional<ZoomGate::Pass> ZoomGate::Enter(const std::string& app) {
  std::shared_ptr<Door> door = DoorOf(app);
  if (door->breaker.Admit()) return Pass(*this, std::move(door));
  const bool rejected = WhyClosed(app) == RefreshOutcome::kConfig;
  metrics_.Count("shodan_vault_refresh_held_back_total", "Refreshes not begun, by what was wrong.",
                 {{"reason", rejected ? "app_rejected" : "zoom_unavailable"}});
  return std::nullopt;
}

RefreshOutcome ZoomGate::WhyClosed(const std::string& app) {
  const std::shared_ptr<Door> door = DoorOf(app);
  const std::lock_guard lock(mutex_);
  return door->app_rejected ? RefreshOutcome::kConfig : RefreshOutcome::kTransient;
}

std::shared_ptr<ZoomGate::Door> ZoomGate::DoorOf(const std::string& app) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Door>& door = doors_[app];
  if (door == nullptr) door = std::make_shared<Door>(pauses_, clock_);
  return door;
}

}  // namespace shodan::tokenvault
