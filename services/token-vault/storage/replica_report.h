// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"

namespace shodan::tokenvault {

/// Records what a replica has in its key ring, and what it uses of it; forgets replicas that have
/// been silent for a day.
absl::Status ReportReplica(postgres::Session& session, const std::string& replica,
                           const KeyRing& ring);

/// Every replica, by name; those that reported within `stale` are live.
absl::StatusOr<std::vector<KeyReplica>> ReadReplicas(postgres::Session& session,
                                                     std::chrono::milliseconds stale);

}  // namespace shodan::tokenvault
