// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/token-vault/domain/keys/tag_rotation.h"
#include "services/token-vault/storage/postgres_key_store.h"
#include "services/token-vault/storage/postgres_tag_store.h"
#include "tests/integration/services/token-vault/vault_world.h"

namespace shodan::testing {

/// A vault whose replicas make identity tags with keys that change. The world itself is a replica
/// that has the first tag key only and never hears of anything; it does not count as live.
class TagWorld : public VaultWorld {
 public:
  /// A process with a key ring of its own.
  struct Replica {
    Replica(TagWorld& world, const std::string& name, KeyRing ring);
    absl::Status Refresh() { return rotation.Refresh(TestDeadline()); }
    absl::StatusOr<int64_t> Run() { return tags.Run(TestDeadline()); }

    KeyRingHolder holder;
    tokenvault::Sealing sealing;
    tokenvault::KeyRotation rotation;
    tokenvault::TagRotation tags;
  };

  TagWorld();

  /// Stores whose grant it is, as a replica with this ring tells.
  absl::Status Identify(const tokenvault::Sealing& sealing, const std::string& attempt_id,
                        const std::string& user_id, const std::string& person);
  /// As Connect(), by a replica with this ring.
  ConnectedLink ConnectBy(const tokenvault::Sealing& sealing, const std::string& person);
  /// The link of a Zoom user, "" when there is none; the reason when nobody knows.
  std::string Find(const tokenvault::Sealing& sealing, const std::string& person);
  std::string StateOf(int tag_version) const;
  absl::Status Begin(Replica& replica, int tag_version);
  absl::Status Switch(Replica& replica, int tag_version);
  absl::Status Retire(Replica& replica, int tag_version);
  /// The whole rotation from 1 to 2, up to and with the switch.
  void SwitchToSecond(Replica& replica);

  tokenvault::PostgresKeyStore keys_in_database{*pool};
  tokenvault::PostgresTagStore tags_in_database{*pool};
  tokenvault::KeySettings settings;
};

}  // namespace shodan::testing
