// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/authorization/attempt.h"

namespace shodan::tokenvault {

/// A key to which tokens of another system are encrypted, as others may know it.
struct ImportKey {
  std::string import_key_id;
  std::string project_id;
  std::string public_jwk;
  Time created_at;
  Time expires_at;
  int64_t stored = 0;  ///< grants that were stored with it
};

/// What CreateImportKey stores.
struct NewImportKey {
  std::string import_key_id;
  std::string project_id;
  std::string public_jwk;
  std::string sealed_private_key;
  std::chrono::milliseconds lifetime{0};
};

/// What one envelope has become so far.
struct ImportLine {
  Attempt attempt;          ///< the last one
  bool stored = false;      ///< the attempt got its pending grant, whatever became of that since
  bool rejected = false;    ///< Zoom does not take the token, and never will
  bool unresolved = false;  ///< an answer of Zoom may have been lost
};

/// What Begin() records.
struct NewImport {
  std::string digest;  ///< of project and envelope
  std::string import_key_id;
  std::string attempt_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  std::chrono::milliseconds attempt_lifetime{0};
};

/// The intent of one refresh with a token of another system.
struct BegunImport {
  Attempt attempt;
  Time begun_at;  ///< no later than Zoom was asked
  bool earlier_unresolved = false;
};

/// Import keys, and what became of the envelopes encrypted to them. Every time is the database's.
/// Thread-safe; errors pass through as in AttemptStore.
class ImportStore {
 public:
  virtual ~ImportStore() = default;

  /// nullopt when the project has `max` live keys already.
  virtual absl::StatusOr<std::optional<ImportKey>> InsertKey(const NewImportKey& key, int max,
                                                             const Actor& actor,
                                                             Deadline deadline) = 0;
  /// Live keys, newest first.
  virtual absl::StatusOr<std::vector<ImportKey>> ListKeys(const std::string& project_id,
                                                          Deadline deadline) = 0;
  /// The sealed private part of a live key of the project.
  virtual absl::StatusOr<std::optional<std::string>> FindKey(const std::string& import_key_id,
                                                             const std::string& project_id,
                                                             Deadline deadline) = 0;
  /// Deletes a key with what is known about its envelopes. False when there is none.
  virtual absl::StatusOr<bool> DestroyKey(const std::string& import_key_id, const Actor& actor,
                                          Deadline deadline) = 0;
  /// Destroys the keys whose time is over.
  virtual absl::Status DestroyExpiredKeys(Deadline deadline) = 0;

  virtual absl::StatusOr<std::optional<ImportLine>> FindLine(const std::string& digest,
                                                             Deadline deadline) = 0;
  /// Commits an attempt that is exchanging, before Zoom is asked. nullopt when another one of the
  /// same envelope is under way or was more than an attempt.
  virtual absl::StatusOr<std::optional<BegunImport>> Begin(const NewImport& import,
                                                           const Actor& actor,
                                                           Deadline deadline) = 0;
  /// The token is dead for good.
  virtual absl::Status Reject(const std::string& digest, Deadline deadline) = 0;
  /// Zoom consumed nothing this time; `unresolved` is what it was before.
  virtual absl::Status NoteUnused(const std::string& digest, bool unresolved,
                                  Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
