// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/crypto/key_ring.h"
#include "libs/crypto/sealed_field.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// The life of a key epoch. Only the primary one seals; primary and readable ones open.
enum class KeyEpochState {
  kAdded,     ///< in some replica's ring, never used
  kPrimary,   ///< seals
  kReadable,  ///< was primary; its fields are being sealed again
  kRetired,   ///< no field is left and none can be stored; its key may go
  kDestroyed  ///< no replica has the key any more, and none may have it again
};

/// A key epoch as the database knows it.
struct KeyEpochStatus {
  int32_t key_epoch = 0;
  KeyEpochState state = KeyEpochState::kAdded;
  std::string fingerprint;
  Time first_seen_at;
  std::optional<Time> promoted_at;
  std::optional<Time> replaced_at;  ///< when another epoch became primary
  std::optional<Time> retired_at;
  std::optional<Time> destroyed_at;
  int64_t rows = 0;      ///< rows with a field under this epoch, revocations included
  int64_t replicas = 0;  ///< live replicas that have the key
};

/// What the database says a replica uses its key ring for.
struct KeyUse {
  int32_t primary_epoch = 0;
  TagUse tags;
};

/// What a replica last said about itself.
struct KeyReplica {
  std::string replica;
  int32_t primary_epoch = 0;  ///< what it seals under
  std::vector<int32_t> key_epochs;
  TagUse tags;  ///< what it makes tags under
  std::vector<int32_t> tag_versions;
  std::string problem;  ///< reason why its key-ring file was not taken over; empty when all is well
  Time reported_at;
  bool live = false;  ///< reported within the time that counts
};

/// Everything about the keys.
struct KeyStatus {
  std::vector<KeyEpochStatus> epochs;  ///< by number
  std::vector<KeyReplica> replicas;    ///< by name
  Time now;                            ///< by the database's clock
};

/// Tables whose fields are sealed again. Revocations live for a minute and are waited for instead.
enum class SealedTable {
  kZoomApps,
  kGrants,
  kGrantProfiles,
  kPendingGrants,
  kAttempts,
  kImportKeys,
  kInboxKeys
};
inline constexpr std::array kSealedTables = {
    SealedTable::kZoomApps,      SealedTable::kGrants,   SealedTable::kGrantProfiles,
    SealedTable::kPendingGrants, SealedTable::kAttempts, SealedTable::kImportKeys,
    SealedTable::kInboxKeys};

/// One sealed column of a row, with the coordinates that the row gives it.
struct SealedColumn {
  SealCoordinates coordinates;
  std::optional<std::string> sealed;  ///< nullopt where the row holds none
};

/// A row with fields under an older epoch.
struct SealedRow {
  std::string row_id;
  std::optional<int64_t> generation;
  std::optional<int64_t> token_version;
  int32_t key_epoch = 0;
  std::vector<SealedColumn> columns;  ///< in the table's own order
};

/// What the database holds about keys, and the fields that must move to a new one. Thread-safe;
/// errors pass through as in AttemptStore.
class KeyRotationStore {
 public:
  virtual ~KeyRotationStore() = default;

  /// Holds a ring against what this installation has used, remembers epochs seen for the first
  /// time, and records that `replica` has it; answers the epoch to seal under and the versions to
  /// make tags under. In one transaction, which a promotion waits for: a replica that lacks the new
  /// primary cannot slip through.
  /// FAILED_PRECONDITION/KEY_EPOCH_CHANGED when an epoch's key is another one than before,
  /// /KEY_EPOCH_UNKNOWN when fields may need an epoch that the ring lacks, /KEY_EPOCH_DESTROYED
  /// when it holds one that was destroyed, /TAG_VERSION_CHANGED when a tag version's key is another
  /// one, /TAG_VERSION_UNKNOWN when it lacks one that is in use; nothing is written then.
  virtual absl::StatusOr<KeyUse> Agree(const std::string& replica, const KeyRing& ring,
                                       Deadline deadline) = 0;
  /// Records why a replica could not take over its key-ring file.
  virtual absl::Status ReportProblem(const std::string& replica, std::string_view reason,
                                     Deadline deadline) = 0;
  virtual absl::Status Leave(const std::string& replica, Deadline deadline) = 0;

  virtual absl::StatusOr<KeyStatus> Status(std::chrono::milliseconds stale, Deadline deadline) = 0;
  /// See KeyRotation for the errors of these three. Each is audited, and repeating it is harmless.
  virtual absl::Status Promote(int32_t key_epoch, std::chrono::milliseconds stale,
                               const Actor& actor, Deadline deadline) = 0;
  virtual absl::Status Retire(int32_t key_epoch, std::chrono::milliseconds retire_after,
                              std::chrono::milliseconds stale, const Actor& actor,
                              Deadline deadline) = 0;
  virtual absl::Status Destroy(int32_t key_epoch, std::chrono::milliseconds stale,
                               const Actor& actor, Deadline deadline) = 0;

  /// Epochs in state readable, oldest first, with the rows left (revocations not counted).
  virtual absl::StatusOr<std::map<int32_t, int64_t>> RowsLeft(Deadline deadline) = 0;
  /// Rows of one table under an epoch, by id, beginning after `after` (empty: at the first).
  virtual absl::StatusOr<std::vector<SealedRow>> ListSealed(SealedTable table, int32_t key_epoch,
                                                            const std::string& after, int limit,
                                                            Deadline deadline) = 0;
  /// Stores rows whose columns were sealed again under `key_epoch`: each where generation, token
  /// version, epoch and old ciphertext are still those of `before` (the same rows, as listed).
  /// Changes nothing but ciphertext and epoch. Answers how many were stored.
  virtual absl::StatusOr<int> ReplaceSealed(SealedTable table, int32_t key_epoch,
                                            const std::vector<SealedRow>& before,
                                            const std::vector<SealedRow>& after,
                                            Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
