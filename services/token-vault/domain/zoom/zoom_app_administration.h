// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "services/token-vault/domain/zoom/zoom_app_store.h"

namespace shodan::tokenvault {

enum class ScopeSource { kNone, kOwnLink, kNewestLink };

/// Granted scopes compared name by name with those wanted; each list sorted.
struct ScopeComparison {
  ScopeSource source = ScopeSource::kNone;
  std::vector<std::string> granted;
  std::vector<std::string> missing;     ///< wanted, not granted
  std::vector<std::string> unexpected;  ///< granted, not wanted
};

/// `scope` is space-separated, as an answer of the token endpoint has it.
ScopeComparison CompareScopes(const std::vector<std::string>& wanted, std::string_view scope);

/// An app as an administrator sees it.
struct ShownZoomApp {
  ZoomAppRecord record;
  ScopeComparison scopes;
};

struct UpdatedZoomApp {
  ShownZoomApp app;
  int64_t links = 0;  ///< that have to reconnect
};

enum class CredentialVerdict { kAccepted, kPreviousAccepted, kRefused, kUnknown };

/// What administrators do with their project's Zoom app. Thread-safe.
class ZoomAppAdministration {
 public:
  /// Everything outlives it.
  struct Parts {
    ZoomAppStore& store;
    const ZoomApps& apps;
    GrantStore& grants;
    OAuthServer& zoom;
    const Lifetimes& lifetimes;
  };
  explicit ZoomAppAdministration(Parts parts) : parts_(parts) {}

  /// NOT_FOUND/PROJECT_NOT_FOUND.
  absl::StatusOr<ShownZoomApp> Get(const std::string& project_id, const std::string& user_id,
                                   Deadline deadline);
  /// As ZoomAppStore::Change, and INVALID_ARGUMENT/INVALID_FIELD where the client id and the secret
  /// do not go together.
  absl::StatusOr<UpdatedZoomApp> Update(const ZoomAppChange& change, const std::string& user_id,
                                        const Actor& actor, Deadline deadline);
  /// Asks Zoom about the stored credentials, or about others that are not stored (yet). An empty
  /// `client_id` or secret stands for the stored one. Errors as Update.
  absl::StatusOr<CredentialVerdict> Test(const std::string& project_id,
                                         const std::string& client_id, const Secret& client_secret,
                                         Deadline deadline);
  /// Sends the links of replaced apps to reconnect_required.
  absl::Status SweepReplaced(Deadline deadline);

 private:
  absl::StatusOr<ShownZoomApp> WithScopes(ZoomAppRecord record, const std::string& user_id,
                                          Deadline deadline);

  Parts parts_;
};

}  // namespace shodan::tokenvault
