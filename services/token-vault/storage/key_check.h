// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/postgres/pool.h"

namespace shodan::tokenvault {

/// Held by everything that reads or changes the states of key epochs, to the end of its
/// transaction.
absl::Status LockKeyStates(postgres::Session& session);

/// Holds the key ring against what this installation has used before, records epochs seen for the
/// first time, and answers the epoch to seal under: the database's primary, or the ring's where
/// nothing was sealed yet. Errors as in KeyRotationStore::Agree().
absl::StatusOr<int32_t> CheckKeys(postgres::Session& session, const KeyRing& keys);

}  // namespace shodan::tokenvault
