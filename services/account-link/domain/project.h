// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace shodan::account_link {

/// One issuer of session tokens that a project trusts.
struct TokenIssuer {
  std::string issuer;
  std::string audience;
  std::string jwks_url;  ///< empty when the keys are given in jwks
  std::string jwks;      ///< JWK Set (RFC 7517), empty when the keys are published
  std::string user_claim;
  std::string name_claim;
  std::string role_claim;
  std::string admin_role;

  friend bool operator==(const TokenIssuer&, const TokenIssuer&) = default;
};

/// An environment of the company with its own Zoom app: what this service tells about it. Nothing
/// in it is secret.
struct Project {
  std::string project_id;
  std::string display_name;
  std::string settings_url;
  std::vector<std::string> origins;
  std::vector<TokenIssuer> token_issuers;

  friend bool operator==(const Project&, const Project&) = default;
};

}  // namespace shodan::account_link
