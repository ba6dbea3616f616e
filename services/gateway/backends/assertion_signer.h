// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "libs/jwt/jws.h"
#include "services/gateway/backends/backend_call.h"

namespace shodan::gateway {

/// Signs what the gateway asserts about a person or an API key, and hands the same text out again
/// while it has enough life left for a call. Thread-safe.
class AssertionSigner {
 public:
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  explicit AssertionSigner(
      jwt::SigningKey key, Clock clock = [] { return std::chrono::system_clock::now(); });

  /// `audience` is the service called.
  std::string For(std::string_view audience, const Person& person);

 private:
  struct Signed {
    std::string text;
    std::chrono::system_clock::time_point reuse_until;
  };

  const jwt::SigningKey key_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Signed, std::less<>> signed_;
};

}  // namespace shodan::gateway
