// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"
#include "services/account-link/domain/project.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

/// A project with what an update of it needs.
struct ProjectSettings {
  Project project;
  Time updated_at;
  std::string etag;  ///< changes with every update
};

/// What an administrator wants changed; absent members stay as they are.
struct ProjectChange {
  std::optional<std::string> display_name;
  std::optional<std::string> settings_url;
  std::optional<std::vector<std::string>> origins;
  std::optional<std::vector<TokenIssuer>> token_issuers;
};

/// Projects as administrators change them. Errors of the database pass through. Thread-safe.
class ProjectSettingsStore {
 public:
  virtual ~ProjectSettingsStore() = default;

  /// nullopt when there is none with this id.
  virtual absl::StatusOr<std::optional<ProjectSettings>> FindSettings(const std::string& project_id,
                                                                      Deadline deadline) = 0;
  /// Replaces the project and writes an audit record for each of `actions`, in one transaction.
  /// ABORTED/ETAG_MISMATCH when `etag` is not the present one.
  virtual absl::StatusOr<ProjectSettings> Replace(const Project& project, const std::string& etag,
                                                  const std::vector<std::string>& actions,
                                                  const Actor& actor, Deadline deadline) = 0;
};

/// What administrators do with their project's settings. Thread-safe.
class ProjectAdministration {
 public:
  /// `allow_http_on_loopback`: as libs/projects/url_rules.h. The store outlives it.
  ProjectAdministration(ProjectSettingsStore& store, bool allow_http_on_loopback)
      : store_(store), allow_http_on_loopback_(allow_http_on_loopback) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<ProjectSettings> Get(const std::string& project_id, const CallScope& scope);
  /// Takes over what `check` found before. INVALID_ARGUMENT/INVALID_FIELD,
  /// NOT_FOUND/PROJECT_NOT_FOUND, ABORTED/ETAG_MISMATCH.
  absl::StatusOr<ProjectSettings> Update(const std::string& project_id, const std::string& etag,
                                         ProjectChange change, RequestCheck check,
                                         const CallScope& scope);

 private:
  void CheckUrl(RequestCheck& check, const std::string& field, const std::string& url) const;
  void CheckOrigins(RequestCheck& check, const std::vector<std::string>& origins) const;
  void CheckIssuers(RequestCheck& check, const std::vector<TokenIssuer>& issuers) const;
  void CheckIssuer(RequestCheck& check, const std::string& at, const TokenIssuer& issuer) const;

  ProjectSettingsStore& store_;
  const bool allow_http_on_loopback_;
};

}  // namespace shodan::account_link
