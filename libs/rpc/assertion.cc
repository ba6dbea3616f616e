// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/assertion.h"

#include <boost/json.hpp>

#include "libs/base/status.h"
#include "libs/jwt/claims.h"

namespace shodan::rpc {
namespace {

namespace json = boost::json;

int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

absl::Status Invalid() {
  return Unauthenticated("ASSERTION_INVALID", "The assertion of the gateway is not valid.");
}

}  // namespace

std::string SignAssertion(const jwt::SigningKey& key, const Assertion& assertion,
                          std::chrono::system_clock::time_point now) {
  json::object claims;
  claims["iss"] = json::string_view(kAssertionIssuer.data(), kAssertionIssuer.size());
  claims["aud"] = assertion.audience;
  claims["iat"] = Seconds(now);
  claims["exp"] = Seconds(now + kAssertionLifetime);
  claims["prj"] = assertion.project_id;
  if (!assertion.user_id.empty()) claims["sub"] = assertion.user_id;
  if (!assertion.api_key_id.empty()) claims["key"] = assertion.api_key_id;
  claims["scp"] = json::value_from(assertion.scopes);
  claims["adm"] = assertion.admin ? "yes" : "no";
  return key.Sign(json::serialize(claims), "shodan-assertion+jwt");
}

absl::StatusOr<Assertion> VerifyAssertion(std::string_view token, const jwt::KeySet& keys,
                                          std::string_view audience,
                                          std::chrono::system_clock::time_point now) {
  const absl::StatusOr<std::string> payload = jwt::VerifyJws(token, keys);
  if (!payload.ok()) return Invalid();
  jwt::ClaimRules rules;
  rules.issuer = kAssertionIssuer;
  rules.audience = audience;
  rules.leeway = std::chrono::seconds(5);
  rules.max_lifetime = kAssertionLifetime;
  const absl::StatusOr<jwt::Claims> claims = jwt::Claims::Check(*payload, rules, now);
  if (!claims.ok()) return Invalid();
  Assertion assertion;
  assertion.audience = std::string(audience);
  assertion.project_id = claims->String("prj");
  assertion.user_id = claims->String("sub");
  assertion.api_key_id = claims->String("key");
  assertion.scopes = claims->Strings("scp");
  assertion.admin = claims->String("adm") == "yes";
  if (assertion.project_id.empty()) return Invalid();
  if (assertion.user_id.empty() == assertion.api_key_id.empty()) return Invalid();
  if (!assertion.api_key_id.empty() && assertion.admin) return Invalid();
  return assertion;
}

}  // namespace shodan::rpc
