// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/imports/import_store.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// The keys to which tokens of other systems are encrypted. Thread-safe.
class ImportKeys {
 public:
  static constexpr int kKeysMax = 20;  ///< live ones of a project
  static constexpr std::chrono::hours kLifetimeMin{1};
  static constexpr std::chrono::hours kLifetimeDefault{7 * 24};
  static constexpr std::chrono::hours kLifetimeMax{30 * 24};

  ImportKeys(ImportStore& store, const ZoomApps& apps, const Sealing& sealing)
      : store_(store), apps_(apps), sealing_(sealing) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND; RESOURCE_EXHAUSTED/TOO_MANY_IMPORT_KEYS.
  absl::StatusOr<ImportKey> Create(const std::string& project_id,
                                   std::chrono::milliseconds lifetime, const Actor& actor,
                                   Deadline deadline);
  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<std::vector<ImportKey>> List(const std::string& project_id, Deadline deadline);
  /// NOT_FOUND/IMPORT_KEY_NOT_FOUND.
  absl::Status Destroy(const std::string& import_key_id, const Actor& actor, Deadline deadline);

  /// An envelope of the project that was opened.
  struct Opened {
    std::string import_key_id;
    Secret content;
  };
  /// NOT_FOUND/IMPORT_KEY_NOT_FOUND, INVALID_ARGUMENT/IMPORT_UNDECRYPTABLE.
  absl::StatusOr<Opened> Open(const std::string& project_id, std::string_view envelope,
                              Deadline deadline);

 private:
  ImportStore& store_;
  const ZoomApps& apps_;
  const Sealing& sealing_;
};

}  // namespace shodan::tokenvault
