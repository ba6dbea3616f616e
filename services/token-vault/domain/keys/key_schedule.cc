// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/keys/key_schedule.h"

#include <algorithm>

namespace shodan::tokenvault {
namespace {

// Whoever rotates once in rotate_every is never exactly on time.
constexpr std::chrono::hours kRotationGrace{24};

// From here on it is overdue; nullopt for an epoch that nothing is expected of.
struct Due {
  Time at;
  Time tolerated_until;
};
std::optional<Due> DueOf(const KeyEpochStatus& epoch, const KeySchedule& schedule) {
  const Time since = epoch.promoted_at.value_or(epoch.first_seen_at);
  switch (epoch.state) {
    case KeyEpochState::kPrimary: {
      const Time at = since + schedule.rotate_every;
      return Due{at, at + kRotationGrace};
    }
    case KeyEpochState::kReadable:
    case KeyEpochState::kRetired: {
      const Time at = since + schedule.destroy_after;
      return Due{at, at};
    }
    case KeyEpochState::kAdded:
    case KeyEpochState::kDestroyed:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

KeyScheduleState JudgeSchedule(const std::vector<KeyEpochStatus>& epochs,
                               const KeySchedule& schedule, Time now) {
  KeyScheduleState state;
  std::optional<Time> destruction;
  for (const KeyEpochStatus& epoch : epochs) {
    const std::optional<Due> due = DueOf(epoch, schedule);
    if (!due.has_value()) continue;
    if (epoch.state == KeyEpochState::kPrimary) {
      state.rotation_due = due->at;
      // It can be retired only so long after a replacement that is still to come.
      destruction =
          std::max(epoch.promoted_at.value_or(epoch.first_seen_at) + schedule.destroy_after,
                   now + schedule.retire_after);
    }
    if (now > due->tolerated_until) {
      state.overdue_since = std::min(state.overdue_since.value_or(due->at), due->at);
    }
  }
  if (!state.overdue_since.has_value()) state.unreadable_at = destruction;
  return state;
}

void KeyScheduleWatch::Look(Deadline deadline) {
  const absl::StatusOr<KeyScheduleState> state = read_(deadline);
  if (!state.ok()) return;
  const bool overdue = state->overdue_since.has_value();
  metrics_.Set(
      "shodan_vault_key_rotation_overdue",
      "1 while a key epoch is not replaced or destroyed in time; receipts of erasures then "
      "name no date for backups.",
      {}, overdue ? 1 : 0);
  if (overdue == overdue_) return;
  overdue_ = overdue;
  if (overdue) {
    log_.Warning("the rotation of key epochs is overdue: receipts name no date for backups");
  } else {
    log_.Info("the rotation of key epochs is in time again");
  }
}

}  // namespace shodan::tokenvault
