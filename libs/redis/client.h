// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/redis/reply.h"
#include "libs/secrets/secret.h"

namespace shodan::redis {

/// Runs commands. What callers depend on, so that tests can stand in for Redis.
class Commands {
 public:
  virtual ~Commands() = default;
  /// The reply, also when it is an error reply. UNAVAILABLE/REDIS_UNAVAILABLE at once while there
  /// is no working connection; DEADLINE_EXCEEDED/REDIS_TIMEOUT after `limit`: whether the command
  /// ran is then unknown.
  virtual boost::asio::awaitable<absl::StatusOr<Reply>> Execute(
      std::vector<std::string> arguments, std::chrono::milliseconds limit) = 0;
};

inline constexpr std::chrono::milliseconds kCommandTimeLimit{50};

struct ClientOptions {
  std::string host;
  uint16_t port = 6379;
  std::string username;                ///< empty for the default user
  Secret password;                     ///< empty for none
  std::optional<std::string> ca_file;  ///< PEM; makes the connection TLS
  std::chrono::milliseconds connect_time_limit{2000};
  std::chrono::milliseconds reconnect_delay_min{100};
  std::chrono::milliseconds reconnect_delay_max{5000};
  int timeouts_to_disconnect = 5;  ///< consecutive ones after which the connection is given up
};

/// One pipelined connection that is kept alive: reconnects with growing, jittered pauses. While it
/// is down, and after too many timeouts in a row, commands fail at once, so that a sick Redis costs
/// nobody time. Thread-safe.
class Client final : public Commands {
 public:
  Client(const boost::asio::any_io_executor& executor, ClientOptions options);
  /// Stops. The executor may still run leftovers, which hold what they need.
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  boost::asio::awaitable<absl::StatusOr<Reply>> Execute(std::vector<std::string> arguments,
                                                        std::chrono::milliseconds limit) override;
  bool connected() const;
  /// Closes the connection for good; commands in flight fail.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace shodan::redis
