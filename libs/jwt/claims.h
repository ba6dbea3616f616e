// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace shodan::jwt {

/// What a JWT (RFC 7519) must say.
struct ClaimRules {
  std::string issuer;    ///< compared exactly
  std::string audience;  ///< must be "aud" or one of it
  std::chrono::seconds leeway{30};
  std::chrono::seconds max_lifetime{0};  ///< exp - iat at most this; 0 for no bound
};

/// The claims of a verified token. Thread-safe to read.
class Claims {
 public:
  /// `payload` as VerifyJws() returned it. exp is required; nbf and iat are checked when present.
  /// UNAUTHENTICATED/TOKEN_MALFORMED, /TOKEN_EXPIRED, /TOKEN_NOT_YET_VALID, /TOKEN_ISSUER_UNKNOWN,
  /// /TOKEN_AUDIENCE_MISMATCH.
  static absl::StatusOr<Claims> Check(std::string_view payload, const ClaimRules& rules,
                                      std::chrono::system_clock::time_point now);
  /// The iss claim of a payload, to choose the rules; empty when there is none.
  static std::string PeekIssuer(std::string_view payload);

  /// Empty when the claim is absent or no string.
  std::string String(std::string_view claim) const;
  /// A string claim as one element, a list of strings as it is; empty otherwise.
  std::vector<std::string> Strings(std::string_view claim) const;
  std::chrono::system_clock::time_point expire_time() const { return expire_time_; }

 private:
  std::string payload_;
  std::chrono::system_clock::time_point expire_time_;
};

/// The iss claim of a token that is NOT verified yet; only to choose the key set.
std::string PeekUnverifiedIssuer(std::string_view token);

}  // namespace shodan::jwt
