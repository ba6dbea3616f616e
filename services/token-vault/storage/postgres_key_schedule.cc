// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_key_schedule.h"

#include <vector>

#include "libs/base/status.h"

namespace shodan::tokenvault {

absl::StatusOr<KeyScheduleState> ReadKeySchedule(postgres::Session& session,
                                                 const KeySchedule& schedule) {
  SHODAN_ASSIGN_OR_RETURN(
      const postgres::Result found,
      session.Execute("SELECT state = 'primary' AS primary_epoch, first_seen_at, promoted_at, "
                      "now() AS present FROM key_epochs WHERE state IN ('primary', 'readable', "
                      "'retired')"));
  std::vector<KeyEpochStatus> epochs;
  for (int i = 0; i < found.size(); ++i) {
    KeyEpochStatus epoch;
    epoch.state =
        found[i].Bool("primary_epoch") ? KeyEpochState::kPrimary : KeyEpochState::kReadable;
    epoch.first_seen_at = found[i].Timestamp("first_seen_at");
    epoch.promoted_at = found[i].OptionalTimestamp("promoted_at");
    epochs.push_back(epoch);
  }
  if (epochs.empty()) return KeyScheduleState();
  return JudgeSchedule(epochs, schedule, found[0].Timestamp("present"));
}

absl::StatusOr<KeyScheduleState> ReadKeySchedule(postgres::Pool& pool, const KeySchedule& schedule,
                                                 Deadline deadline) {
  KeyScheduleState state;
  SHODAN_RETURN_IF_ERROR(
      pool.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(state, ReadKeySchedule(session, schedule));
        return absl::OkStatus();
      }));
  return state;
}

}  // namespace shodan::tokenvault
