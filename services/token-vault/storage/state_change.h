// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/audit/audit.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// A change of a grant's state that has just been written in the same transaction.
struct StateChange {
  std::string link_id;
  std::string project_id;
  std::string user_id;
  int64_t generation = 0;
  GrantState state = GrantState::kNone;
  GrantCause cause = GrantCause::kNone;
  std::string action;  ///< of the audit record
};

/// The vault itself as actor, for what happens without a caller.
Actor OwnActor();

/// Writes the audit record.
absl::Status WriteAudit(postgres::Session& session, const StateChange& change, const Actor& actor);

/// Writes the event and the audit record. The last writes of a transaction: events get their ids
/// under a lock that lasts until the commit, so that they appear in the order of their ids.
absl::Status WriteStateChange(postgres::Session& session, const StateChange& change,
                              const Actor& actor);

/// After a restore: the next event's id is above `event_id`, and above every id that was given out
/// before the restore, so that whoever follows the events sees those to come.
absl::Status MoveEventIdsPast(postgres::Session& session, int64_t event_id);

}  // namespace shodan::tokenvault
