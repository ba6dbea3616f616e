// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/domain/keys/tag_rotation_store.h"

namespace shodan::tokenvault {

/// The rotation of the key that identity tags are made with: begin, tag, switch, settle, retire.
///
/// The next key is put into every replica's key-ring file. From the begin on every new tag is made
/// under both versions, and a background pass makes the next tags of the rows that are there, from
/// their profiles. When no row lacks one, the switch makes the next version current in an instant;
/// the pass then puts the next tags in the place of the former ones. At each moment all rows have a
/// tag of one version in common, which is what they are compared by. Thread-safe.
class TagRotation {
 public:
  struct Parts {
    TagRotationStore& store;
    const Sealing& sealing;
    std::function<absl::Status(Deadline)> refresh;  ///< turns to what the database says of the keys
    const KeySettings& settings;
    Pause pause;
    Logger& log;
    Metrics& metrics;
  };
  explicit TagRotation(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<std::vector<TagVersionStatus>> Status(Deadline deadline);
  /// Makes tags under a new version too. NOT_FOUND/TAG_VERSION_NOT_FOUND; FAILED_PRECONDITION/
  /// TAG_VERSION_STATE unless it is new and above the current one, and nothing of an earlier
  /// rotation is left; /TAG_KEY_NOT_ON_ALL_REPLICAS.
  absl::Status Begin(int32_t tag_version, const Actor& actor, Deadline deadline);
  /// Makes the next version current. FAILED_PRECONDITION/TAG_ROWS_LEFT while rows lack its tag,
  /// /TAG_KEY_NOT_ON_ALL_REPLICAS while a replica does not make tags under it, /TAG_VERSION_STATE.
  absl::Status Switch(int32_t tag_version, const Actor& actor, Deadline deadline);
  /// Closes the former version for ever; its key may go from the key rings. FAILED_PRECONDITION/
  /// TAG_ROWS_LEFT while rows have its tag or a replica makes tags under it, /TAG_VERSION_STATE.
  absl::Status Retire(int32_t tag_version, const Actor& actor, Deadline deadline);

  /// Does what is to do in the background, batch by batch, until nothing is left, the deadline
  /// passes or `stop` says so. A crash loses nothing: what is done shows in the rows. Several
  /// replicas may do so at once. Answers how many rows it changed.
  absl::StatusOr<int64_t> Run(Deadline deadline, const std::function<bool()>& stop = {});

 private:
  absl::StatusOr<std::vector<TagWork>> ShowWork(Deadline deadline);
  absl::StatusOr<int64_t> RunAll(Deadline deadline, const std::function<bool()>& stop);
  absl::StatusOr<int64_t> TagTable(TaggedTable table, int32_t next, Deadline deadline,
                                   const std::function<bool()>& stop);
  absl::StatusOr<int64_t> SettleAll(Deadline deadline, const std::function<bool()>& stop);
  /// Both tags of a row, from its profile.
  absl::StatusOr<IdentityTags> TagsOf(TaggedTable table, const TaggedRow& row) const;
  void CountFailure(TaggedTable table, const TaggedRow& row, const absl::Status& why);

  const Parts parts_;
};

}  // namespace shodan::tokenvault
