// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/https_client/https_client.h"
#include "libs/jwt/jws.h"

namespace shodan::gateway {

/// True for https URLs, and for http on the loopback interface.
bool IsKeySetUrlAllowed(std::string_view url);

/// Key sets that issuers publish, fetched when needed and kept. Thread-safe.
class KeySetDirectory {
 public:
  struct Options {
    std::chrono::milliseconds fetch_time_limit{3'000};
    std::chrono::seconds fresh_for{600};
    /// A key id that is not known makes one fetch in this time at most, so that forged tokens
    /// cannot make us hammer the issuer.
    std::chrono::seconds refetch_pause{30};
    size_t urls_max = 256;
  };
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// Client and pool outlive the directory.
  KeySetDirectory(
      HttpsClient& client, WorkerPool& pool, Options options,
      Clock clock = [] { return std::chrono::steady_clock::now(); });

  /// The keys at `url`. `unknown_key` asks to look again because a token names another key. While a
  /// fetch fails the last set stays in use. UNAVAILABLE/ISSUER_KEYS_UNAVAILABLE when there is none.
  boost::asio::awaitable<absl::StatusOr<jwt::KeySet>> Get(std::string url, bool unknown_key);

 private:
  struct Entry {
    std::optional<jwt::KeySet> keys;
    std::chrono::steady_clock::time_point fetched;  ///< last try
  };

  HttpsClient& client_;
  WorkerPool& pool_;
  const Options options_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace shodan::gateway
