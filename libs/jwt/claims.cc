// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/claims.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"

namespace shodan::jwt {
namespace {

using std::chrono::seconds;
using TimePoint = std::chrono::system_clock::time_point;

// The year 2255. Later dates mean the same for every purpose here, and the clock, which counts
// nanoseconds in 64 bits, can still add to this one.
constexpr double kSecondsMax = 9'000'000'000.0;

std::optional<boost::json::object> ParseObject(std::string_view text) {
  boost::json::error_code error;
  boost::json::value document = boost::json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return std::nullopt;
  return std::move(document.get_object());
}

std::string StringOf(const boost::json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::vector<std::string> StringsOf(const boost::json::value* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return {StringOf(value)};
  if (!value->is_array()) return {};
  std::vector<std::string> texts;
  for (const boost::json::value& entry : value->get_array()) {
    if (!entry.is_string()) return {};
    texts.push_back(StringOf(&entry));
  }
  return texts;
}

absl::Status Malformed(std::string_view what) { return Unauthenticated("TOKEN_MALFORMED", what); }

// A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction. nullopt when absent.
absl::StatusOr<std::optional<TimePoint>> Date(const boost::json::object& claims,
                                              const char* claim) {
  const boost::json::value* value = claims.if_contains(claim);
  if (value == nullptr) return std::optional<TimePoint>();
  boost::json::error_code error;
  const auto number = value->is_number() ? value->to_number<double>(error) : std::nan("");
  if (error || !(number >= 0)) {
    return Malformed("The token's exp, nbf or iat is not a date.");
  }
  const auto whole_seconds = static_cast<int64_t>(std::min(number, kSecondsMax));
  return std::optional<TimePoint>(TimePoint(seconds(whole_seconds)));
}

absl::Status CheckTimes(const boost::json::object& claims, const ClaimRules& rules, TimePoint now,
                        TimePoint& expire_time) {
  SHODAN_ASSIGN_OR_RETURN(const auto expires, Date(claims, "exp"));
  SHODAN_ASSIGN_OR_RETURN(const auto not_before, Date(claims, "nbf"));
  SHODAN_ASSIGN_OR_RETURN(const auto issued, Date(claims, "iat"));
  if (!expires.has_value()) return Malformed("The token has no exp.");
  if (now >= *expires + rules.leeway) {
    return Unauthenticated("TOKEN_EXPIRED", "The token has expired; sign in again.");
  }
  if ((not_before.has_value() && now + rules.leeway < *not_before) ||
      (issued.has_value() && now + rules.leeway < *issued)) {
    return Unauthenticated("TOKEN_NOT_YET_VALID", "The token is not valid yet.");
  }
  if (rules.max_lifetime > seconds(0) &&
      (!issued.has_value() || *expires - *issued > rules.max_lifetime)) {
    return Malformed("The token lives longer than allowed, or has no iat.");
  }
  expire_time = *expires;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Claims> Claims::Check(std::string_view payload, const ClaimRules& rules,
                                     TimePoint now) {
  const std::optional<boost::json::object> claims = ParseObject(payload);
  if (!claims.has_value()) return Malformed("The token's payload is not a JSON object.");
  if (rules.issuer.empty() || StringOf(claims->if_contains("iss")) != rules.issuer) {
    return Unauthenticated("TOKEN_ISSUER_UNKNOWN",
                           "The token is of an issuer that is not trusted.");
  }
  bool for_us = false;
  for (const std::string& audience : StringsOf(claims->if_contains("aud"))) {
    for_us = for_us || audience == rules.audience;
  }
  if (!for_us) {
    return Unauthenticated("TOKEN_AUDIENCE_MISMATCH", "The token is meant for another audience.");
  }
  Claims result;
  SHODAN_RETURN_IF_ERROR(CheckTimes(*claims, rules, now, result.expire_time_));
  result.payload_ = std::string(payload);
  return result;
}

std::string Claims::PeekIssuer(std::string_view payload) {
  const std::optional<boost::json::object> claims = ParseObject(payload);
  return claims.has_value() ? StringOf(claims->if_contains("iss")) : std::string();
}

std::string Claims::String(std::string_view claim) const {
  const std::optional<boost::json::object> claims = ParseObject(payload_);
  return claims.has_value() ? StringOf(claims->if_contains({claim.data(), claim.size()}))
                            : std::string();
}

std::vector<std::string> Claims::Strings(std::string_view claim) const {
  const std::optional<boost::json::object> claims = ParseObject(payload_);
  return claims.has_value() ? StringsOf(claims->if_contains({claim.data(), claim.size()}))
                            : std::vector<std::string>();
}

std::string PeekUnverifiedIssuer(std::string_view token) {
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return {};
  const auto payload = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  return payload.has_value() ? Claims::PeekIssuer(*payload) : std::string();
}

}  // namespace shodan::jwt
