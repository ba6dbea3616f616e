// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/secrets/secret.h"
#include "services/token-vault/domain/authorization/attempt_store.h"
#include "services/token-vault/domain/grants/grant_store.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// What may be told about a secret.
struct SecretStatus {
  bool present = false;
  std::optional<Time> set_at;
  std::optional<Time> previous_until;  ///< absent when there is none before it
};

/// A project's present app without its secrets.
struct ZoomAppRecord {
  std::string zoom_app_id;
  std::string project_id;
  std::string client_id;
  ClientAuthentication client_authentication = ClientAuthentication::kBasic;
  std::string redirect_url;
  std::vector<std::string> request_scopes;
  std::vector<std::string> expected_scopes;
  SecretStatus client_secret;
  SecretStatus webhook_secret;
  Time updated_at;
  std::string etag;  ///< of the app and its revision
};

/// What an administrator wants changed. Empty and absent members stay as they are.
struct ZoomAppChange {
  std::string project_id;
  std::string etag;
  std::string client_id;
  Secret client_secret;
  Secret webhook_secret;
  std::optional<std::vector<std::string>> request_scopes;
  std::optional<std::vector<std::string>> expected_scopes;
  bool remove_previous_client_secret = false;
  bool remove_previous_webhook_secret = false;
  bool validate_only = false;
};

struct ChangedZoomApp {
  ZoomAppRecord record;
  int64_t links = 0;  ///< active links of the app that was replaced, or would be
};

/// Scopes as Zoom granted them.
struct LastGrantedScopes {
  bool own = false;   ///< of the user asked for; else of the newest grant
  std::string scope;  ///< space-separated
};

/// The projects' apps as administrators change them. Thread-safe; errors of the database pass
/// through.
class ZoomAppStore {
 public:
  virtual ~ZoomAppStore() = default;

  /// The project's present app; nullopt when there is no such project.
  virtual absl::StatusOr<std::optional<ZoomAppRecord>> FindRecord(const std::string& project_id,
                                                                  Deadline deadline) = 0;
  /// Changes the app and writes the audit, in one transaction. Another client id makes another app
  /// the present one, with the same endpoints. A replaced secret is kept for `keep_previous`.
  /// NOT_FOUND/PROJECT_NOT_FOUND, ABORTED/ETAG_MISMATCH, ALREADY_EXISTS/CLIENT_ID_TAKEN.
  virtual absl::StatusOr<ChangedZoomApp> Change(const ZoomAppChange& change,
                                                std::chrono::milliseconds keep_previous,
                                                const Actor& actor, Deadline deadline) = 0;
  /// What the user's own active grant of this app was granted, else the newest one of the app;
  /// nullopt when there is none or Zoom did not tell.
  virtual absl::StatusOr<std::optional<LastGrantedScopes>> FindScopes(
      const std::string& zoom_app_id, const std::string& project_id, const std::string& user_id,
      Deadline deadline) = 0;
  /// Active grants of apps that were replaced, none that is being refreshed.
  virtual absl::StatusOr<std::vector<TokenKey>> ListReplaced(int limit, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
