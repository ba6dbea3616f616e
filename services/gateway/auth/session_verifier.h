// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "services/gateway/auth/key_set_directory.h"
#include "services/gateway/auth/project_directory.h"
#include "services/gateway/auth/session.h"

namespace shodan::gateway {

/// Turns a session token into a Session of one project. Thread-safe.
class SessionVerifier {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// The directory outlives the verifier.
  explicit SessionVerifier(
      KeySetDirectory& published_keys,
      Clock clock = [] { return std::chrono::system_clock::now(); });

  /// UNAUTHENTICATED/SESSION_EXPIRED or /SESSION_INVALID; UNAVAILABLE/ISSUER_KEYS_UNAVAILABLE.
  boost::asio::awaitable<absl::StatusOr<Session>> Verify(std::string token,
                                                         KnownProjectPtr project);

 private:
  KeySetDirectory& published_keys_;
  const Clock clock_;
};

}  // namespace shodan::gateway
