// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/erasure/ledger_line.h"

namespace shodan::tokenvault {

/// The parts of ending a life again in a restored database, under the user's lock.

/// Writes the ledger's row as it was: wiped and filed.
absl::Status NoteEnded(postgres::Session& session, const EndedLife& life);
/// Wipes what the user had under way before the erasure: attempts, pending grants, tokens on their
/// way out.
absl::Status WipeBefore(postgres::Session& session, const EndedLife& life);
/// Moves the grant past the life, without tokens, tags and profile. A link that the database does
/// not know gets its tombstone. False when the grant is beyond that life already.
absl::StatusOr<bool> EndGrant(postgres::Session& session, const EndedLife& life);

}  // namespace shodan::tokenvault
