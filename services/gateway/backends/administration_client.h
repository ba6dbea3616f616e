// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// A project with what an update of it needs.
struct ProjectSettings {
  Project project;
  std::optional<Time> update_time;
  std::string etag;
};

/// What changes in a project; absent members stay as they are.
struct ProjectUpdate {
  std::string etag;
  std::optional<std::string> display_name;
  std::optional<std::string> settings_url;
  std::optional<std::vector<std::string>> origins;
  std::optional<std::vector<TokenIssuer>> token_issuers;
};

/// What is known about a secret that is never told.
struct SecretStatus {
  bool present = false;
  std::optional<Time> set_time;
  std::optional<Time> previous_expire_time;
};

/// Granted scopes compared with those wanted.
struct ScopeComparison {
  std::string_view source;  ///< as the browser API names it; empty while nothing was granted
  std::vector<std::string> granted;
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
};

/// A project's registration at Zoom without its secrets.
struct ZoomApp {
  std::string project_id;
  std::string client_id;
  std::string redirect_url;
  std::vector<std::string> request_scopes;
  std::vector<std::string> expected_scopes;
  SecretStatus client_secret;
  SecretStatus webhook_secret;
  ScopeComparison scopes;
  std::optional<Time> update_time;
  std::string etag;
};

/// What changes in an app; empty and absent members stay as they are. Never logged.
struct ZoomAppUpdate {
  std::string etag;
  std::string client_id;
  std::string client_secret;
  std::string webhook_secret;
  std::optional<std::vector<std::string>> request_scopes;
  std::optional<std::vector<std::string>> expected_scopes;
  bool remove_previous_client_secret = false;
  bool remove_previous_webhook_secret = false;
  bool validate_only = false;
};

struct UpdatedZoomApp {
  ZoomApp app;
  int64_t links_to_reconnect = 0;
};

/// What administrators ask of account-link and token-vault, in mode admin; errors as those of
/// AccountLinkClient. Thread-safe.
class AdministrationClient {
 public:
  template <typename T>
  using Result = boost::asio::awaitable<absl::StatusOr<T>>;

  virtual ~AdministrationClient() = default;
  virtual Result<ProjectSettings> GetSettings(BackendCall call, Person admin) = 0;
  virtual Result<ProjectSettings> UpdateSettings(BackendCall call, Person admin,
                                                 ProjectUpdate update) = 0;
  virtual Result<ZoomApp> GetZoomApp(BackendCall call, Person admin) = 0;
  virtual Result<UpdatedZoomApp> UpdateZoomApp(BackendCall call, Person admin,
                                               ZoomAppUpdate update) = 0;
  /// What Zoom says, as the browser API names it. An empty id or secret stands for the stored one.
  virtual Result<std::string_view> TestZoomApp(BackendCall call, Person admin,
                                               std::string client_id,
                                               std::string client_secret) = 0;
};

}  // namespace shodan::gateway
