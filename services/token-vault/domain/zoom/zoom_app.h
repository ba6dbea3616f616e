// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/secrets/secret.h"

namespace shodan::tokenvault {

/// How the app authenticates at the token endpoint (RFC 6749 section 2.3).
enum class ClientAuthentication { kBasic, kPost, kNone };

/// RFC 6901 pointers into the profile document; an empty one means the server does not tell.
struct ProfilePointers {
  std::string user_id;
  std::string account_id;
  std::string email;
  std::string display_name;
  std::string first_name;
  std::string last_name;
};

/// One project's registration at Zoom, or at another OAuth server. Immutable once published.
struct ZoomApp {
  std::string zoom_app_id;  ///< UUID; one per client id
  std::string project_id;
  std::string client_id;
  Secret client_secret;
  Secret previous_client_secret;  ///< tried when the present one is refused; empty for none
  ClientAuthentication client_authentication = ClientAuthentication::kBasic;
  std::string authorization_url;
  std::string token_url;
  std::string revocation_url;  ///< empty when the server has none
  std::string profile_url;
  std::string api_base_url;
  std::string redirect_url;
  std::vector<std::string> expected_scopes;
  std::vector<std::string> request_scopes;  ///< sent as scope; Zoom wants none
  std::vector<std::pair<std::string, std::string>> authorization_parameters;
  ProfilePointers profile_pointers;
  std::string ca_file;
  Secret webhook_secret;           ///< empty for none
  Secret previous_webhook_secret;  ///< taken too; empty for none
  int64_t revision = 0;            ///< counts the changes of the app
};

using ZoomAppPtr = std::shared_ptr<const ZoomApp>;

/// The apps by project and by id. Thread-safe.
class ZoomApps {
 public:
  virtual ~ZoomApps() = default;
  /// The project's present app, or nullptr.
  virtual ZoomAppPtr ForProject(const std::string& project_id) const = 0;
  /// Any app ever registered, or nullptr.
  virtual ZoomAppPtr ById(const std::string& zoom_app_id) const = 0;
  /// The present app of whichever project that has this client id, or nullptr.
  virtual ZoomAppPtr ByClientId(const std::string& client_id) const = 0;
  /// The present app when there is a single project, or nullptr.
  virtual ZoomAppPtr OnlyOne() const = 0;
};

}  // namespace shodan::tokenvault
