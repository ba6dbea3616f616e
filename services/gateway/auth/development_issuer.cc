// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/development_issuer.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "libs/crypto/random.h"

namespace shodan::gateway {
namespace {

int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

DevelopmentIssuer::DevelopmentIssuer(jwt::SigningKey key, std::string issuer,
                                     std::vector<DemoUser> users)
    : key_(std::move(key)), issuer_(std::move(issuer)), users_(std::move(users)) {}

const DemoUser* DevelopmentIssuer::Find(std::string_view user_id) const {
  for (const DemoUser& user : users_) {
    if (user.user_id == user_id) return &user;
  }
  return nullptr;
}

std::string DevelopmentIssuer::Sign(const DemoUser& user, const TokenIssuer& trusted,
                                    std::chrono::system_clock::time_point now) const {
  boost::json::array roles;
  for (const std::string& role : user.roles) roles.emplace_back(role);
  boost::json::object claims;
  claims[trusted.user_claim] = user.user_id;
  if (!trusted.name_claim.empty()) claims[trusted.name_claim] = user.display_name;
  if (!trusted.role_claim.empty()) claims[trusted.role_claim] = std::move(roles);
  claims["iss"] = issuer_;
  claims["aud"] = trusted.audience;
  claims["iat"] = Seconds(now);
  claims["exp"] = Seconds(now + kDevelopmentSessionLifetime);
  claims["jti"] = RandomUuid();
  return key_.Sign(boost::json::serialize(claims));
}

}  // namespace shodan::gateway
