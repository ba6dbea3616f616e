// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/jwt/jws.h"

namespace shodan::rpc {

/// What the gateway asserts about the person or the API key behind a call: a JWT of type
/// "shodan-assertion+jwt", signed with Ed25519, carried in the metadata key kAssertionKey, valid
/// for 60 s.
struct Assertion {
  std::string audience;  ///< the service called, for example "account-link"
  std::string project_id;
  std::string user_id;              ///< empty when an API key is behind the call
  std::string api_key_id;           ///< empty when a person is
  std::vector<std::string> scopes;  ///< of the API key
  bool admin = false;               ///< the session carries the project's admin role
};

inline constexpr char kAssertionKey[] = "x-shodan-assertion";
inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr std::string_view kAssertionIssuer = "gateway";
inline constexpr std::chrono::seconds kAssertionLifetime{60};

std::string SignAssertion(const jwt::SigningKey& key, const Assertion& assertion,
                          std::chrono::system_clock::time_point now);

/// UNAUTHENTICATED/ASSERTION_INVALID when it does not verify, has ended, lives longer than 60 s, is
/// for another audience, or names not exactly one of a person and an API key.
absl::StatusOr<Assertion> VerifyAssertion(std::string_view token, const jwt::KeySet& keys,
                                          std::string_view audience,
                                          std::chrono::system_clock::time_point now);

}  // namespace shodan::rpc
