// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/postgres/pool.h"

namespace shodan::tokenvault {

/// What stores, activates, discards or erases a user's tokens queues here first, until the end of
/// its transaction. In a statement of its own, so that the next one sees all that was committed
/// before: an erasure that waited for a row only would miss a pending grant stored meanwhile.
absl::Status LockUser(postgres::Session& session, const std::string& project_id,
                      const std::string& user_id);
/// The same for the user of an attempt; without effect when there is no such attempt.
absl::Status LockUserOfAttempt(postgres::Session& session, const std::string& attempt_id);

}  // namespace shodan::tokenvault
