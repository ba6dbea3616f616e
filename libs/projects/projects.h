// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/config/config_reader.h"
#include "libs/secrets/secret.h"

namespace shodan::projects {

/// Who signs the session tokens of a project's users. Has a key set by URL, by file, or both.
struct TokenIssuer {
  std::string issuer;    ///< the token's iss, compared byte for byte
  std::string audience;  ///< must be among the token's aud
  std::optional<std::string> jwks_url;
  std::string jwks;  ///< content of jwks_file (RFC 7517), empty without one
  std::string user_claim = "sub";
  std::string name_claim = "name";
  std::string role_claim = "roles";
  std::string admin_role;  ///< empty: nobody is an administrator
};

/// How a Zoom app proves who it is at the token endpoint (RFC 6749 section 2.3).
enum class ClientAuthentication { kSecretBasic, kSecretPost, kNone };

/// JSON pointers (RFC 6901) into the profile answer. Those of Zoom unless the file has
/// profile_pointers; then user_id is required, and one left out is empty: the server does not tell.
struct ProfilePointers {
  std::string user_id = "/id";
  std::string account_id = "/account_id";
  std::string email = "/email";
  std::string display_name = "/display_name";
  std::string first_name = "/first_name";
  std::string last_name = "/last_name";
};

/// A project's OAuth client at Zoom. The two secrets are empty unless they were asked for.
struct ZoomApp {
  std::string client_id;
  Secret client_secret;  ///< empty with ClientAuthentication::kNone
  ClientAuthentication client_authentication = ClientAuthentication::kSecretBasic;
  std::string authorization_url;
  std::string token_url;
  std::optional<std::string> revocation_url;
  std::string profile_url;
  std::string api_base_url;  ///< without a slash at its end
  std::string redirect_url;
  std::vector<std::string> expected_scopes;
  std::vector<std::string> request_scopes;  ///< empty: the scope parameter is left out
  std::vector<std::pair<std::string, std::string>> authorization_parameters;
  ProfilePointers profile_pointers;
  std::optional<Secret> webhook_secret;
  std::string ca_file;  ///< empty: the system's certificates
};

/// One environment with its users, its frontend and its Zoom app.
struct Project {
  std::string project_id;  ///< 1 to 63 of [a-z0-9-]
  std::string display_name;
  std::string settings_url;
  std::vector<std::string> origins;  ///< scheme://host[:port], as browsers send it
  std::vector<TokenIssuer> token_issuers;
  ZoomApp zoom_app;
};

struct ProjectsOptions {
  /// False in a service that must not hold the Zoom apps' secrets: their files are not opened.
  bool read_secrets = false;
  /// Plain http where the host is localhost or a loopback address; https is always allowed.
  bool allow_http_on_loopback = false;
};

/// Reads {"projects":[…]}. Problems go to the reader, so the result is only of use when its
/// Finish() is OK.
std::vector<Project> ParseProjects(ConfigReader& reader, const ProjectsOptions& options);

/// Reads the projects file: INVALID_ARGUMENT/CONFIG_UNREADABLE, or INVALID_ARGUMENT/INVALID_FIELD
/// with every problem in it.
absl::StatusOr<std::vector<Project>> LoadProjects(const std::string& path,
                                                  const ProjectsOptions& options);

}  // namespace shodan::projects
