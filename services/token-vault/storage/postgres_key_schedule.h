// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/key_schedule.h"

namespace shodan::tokenvault {

/// Holds the key epochs that the database knows against a schedule, by the database's clock.
absl::StatusOr<KeyScheduleState> ReadKeySchedule(postgres::Session& session,
                                                 const KeySchedule& schedule);
/// The same in a transaction of its own.
absl::StatusOr<KeyScheduleState> ReadKeySchedule(postgres::Pool& pool, const KeySchedule& schedule,
                                                 Deadline deadline);

}  // namespace shodan::tokenvault
