// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "libs/jwt/jws.h"
#include "services/gateway/backends/account_link_client.h"

namespace shodan::gateway {

struct DemoUser {
  std::string user_id;
  std::string display_name;
  std::vector<std::string> roles;
};

inline constexpr std::chrono::hours kDevelopmentSessionLifetime{12};

/// Signs session tokens for demo users, so that a local run needs no sign-in service. Exists only
/// outside production. Thread-safe.
class DevelopmentIssuer {
 public:
  /// `issuer` is the iss claim, for example https://localhost:8443/dev.
  DevelopmentIssuer(jwt::SigningKey key, std::string issuer, std::vector<DemoUser> users);

  const std::string& issuer() const { return issuer_; }
  const std::vector<DemoUser>& users() const { return users_; }
  /// Null when there is no such user.
  const DemoUser* Find(std::string_view user_id) const;
  /// A token with the claims that `trusted` (the project's entry for this issuer) wants.
  std::string Sign(const DemoUser& user, const TokenIssuer& trusted,
                   std::chrono::system_clock::time_point now) const;

 private:
  const jwt::SigningKey key_;
  const std::string issuer_;
  const std::vector<DemoUser> users_;
};

}  // namespace shodan::gateway
