// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/grant.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"

namespace shodan::tokenvault {

/// Held by a transaction that compares identity tags in one statement and relies on it in another:
/// until its end no tag version begins to be used, becomes current or is retired. The first lock of
/// the transaction.
absl::Status LockTagState(postgres::Session& session);
/// Waits for everybody who holds that lock, and keeps others out. For changes of the tag versions'
/// states, after LockKeyStates().
absl::Status LockTagStateForChange(postgres::Session& session);

/// Tags that were just made, as rows have them at this moment; takes the lock. A replica that has
/// not heard of a step yet may have made them. UNAVAILABLE/TAG_VERSION_STALE when none was made
/// under the current version.
absl::StatusOr<IdentityTags> PresentTags(postgres::Session& session, const IdentityTags& made);
absl::Status StaleTags();

/// Holds the ring's tag keys against those that this installation has used, records versions seen
/// for the first time, and answers which to make tags under. Errors as in
/// KeyRotationStore::Agree().
absl::StatusOr<TagUse> CheckTagKeys(postgres::Session& session, const KeyRing& keys);

}  // namespace shodan::tokenvault
