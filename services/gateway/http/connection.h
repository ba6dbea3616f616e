// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "libs/observability/metrics.h"
#include "services/gateway/http/application.h"
#include "services/gateway/http/connection_caps.h"
#include "services/gateway/limits.h"

namespace shodan::gateway {

/// One TLS connection. Everything about it happens on the strand its socket was accepted with.
/// Every wait has an absolute end, and what comes after an error is never read.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Serves requests one after the other until the connection ends. Keeps itself alive.
  virtual void Start() = 0;
  /// Ends now if no request is under way. From any thread.
  virtual void CloseIfIdle() = 0;
  /// Ends now. From any thread.
  virtual void Abort() = 0;
};

struct ConnectionParts {
  boost::asio::ip::tcp::socket socket;
  std::shared_ptr<boost::asio::ssl::context> tls;
  std::unique_ptr<ConnectionCaps::Lease> lease;
  std::string peer_address;
  /// While true, every answer is the last of its connection.
  std::shared_ptr<const std::atomic<bool>> draining;
};

/// Application, limits and metrics outlive the connection.
std::shared_ptr<Connection> MakeConnection(ConnectionParts parts, Application& application,
                                           const Limits& limits, Metrics& metrics);

}  // namespace shodan::gateway
