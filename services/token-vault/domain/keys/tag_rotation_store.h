// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// The life of a tag version. At most one is next and one is current.
enum class TagVersionState {
  kAdded,    ///< in some replica's ring, never used
  kNext,     ///< tags are made under it too, and rows that lack it get it
  kCurrent,  ///< tags are made under it
  kFormer,   ///< was current; its tags are being replaced
  kRetired   ///< no tag is left under it and none can be stored; its key may go
};

/// A tag version as the database knows it.
struct TagVersionStatus {
  int32_t tag_version = 0;
  TagVersionState state = TagVersionState::kAdded;
  std::string fingerprint;
  Time first_seen_at;
  std::optional<Time> begun_at;     ///< when it became next
  std::optional<Time> promoted_at;  ///< when it became current
  std::optional<Time> replaced_at;  ///< when another became current
  std::optional<Time> retired_at;
  /// Rows that hold up its next step: that still lack its tag, or still have it.
  int64_t rows_left = 0;
  int64_t replicas = 0;  ///< live replicas that have the key
};

/// A version with work for the background pass.
struct TagWork {
  int32_t tag_version = 0;
  TagVersionState state = TagVersionState::kNext;  ///< next or former
  int64_t rows_left = 0;
};

/// Tables whose tags are made again from the profile. Revocations hold no profile: those of new
/// erasures take both tags along, the others are waited for.
enum class TaggedTable { kGrants, kPendingGrants };
inline constexpr std::array kTaggedTables = {TaggedTable::kGrants, TaggedTable::kPendingGrants};

/// A row without a next tag.
struct TaggedRow {
  std::string row_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  int64_t generation = 0;  ///< of the grant; 0 for a pending one
  std::optional<std::string> sealed_profile;
  std::string identity_tag;
  int32_t tag_version = 0;
};

/// Identity tags and the versions they are made under. Thread-safe; errors pass through as in
/// AttemptStore.
class TagRotationStore {
 public:
  virtual ~TagRotationStore() = default;

  virtual absl::StatusOr<std::vector<TagVersionStatus>> Status(std::chrono::milliseconds stale,
                                                               Deadline deadline) = 0;
  /// See TagRotation for the errors of these three. Each is audited, and repeating it is harmless.
  virtual absl::Status Begin(int32_t tag_version, std::chrono::milliseconds stale,
                             const Actor& actor, Deadline deadline) = 0;
  virtual absl::Status Switch(int32_t tag_version, std::chrono::milliseconds stale,
                              const Actor& actor, Deadline deadline) = 0;
  virtual absl::Status Retire(int32_t tag_version, std::chrono::milliseconds stale,
                              const Actor& actor, Deadline deadline) = 0;

  /// The versions in state next and former, with the rows left.
  virtual absl::StatusOr<std::vector<TagWork>> Work(Deadline deadline) = 0;
  /// Rows of one table that have a tag under `current` and no next one, by id, beginning after
  /// `after` (empty: at the first).
  virtual absl::StatusOr<std::vector<TaggedRow>> ListWithoutNext(TaggedTable table, int32_t current,
                                                                 const std::string& after,
                                                                 int limit, Deadline deadline) = 0;
  /// Stores `tags[i]`'s next tags in `rows[i]`, where generation and tag are still those listed and
  /// there is no next one. Answers how many were stored.
  virtual absl::StatusOr<int> StoreNext(TaggedTable table, const std::vector<TaggedRow>& rows,
                                        const std::vector<IdentityTags>& tags,
                                        Deadline deadline) = 0;
  /// Puts the next tags of up to `limit` rows in the place of those under a former version. Answers
  /// how many rows it changed.
  virtual absl::StatusOr<int> Settle(int limit, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
