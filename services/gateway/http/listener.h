// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/gateway/http/application.h"
#include "services/gateway/http/client_address.h"
#include "services/gateway/http/tls_context.h"
#include "services/gateway/limits.h"

namespace boost::asio {
class io_context;
}

namespace shodan::gateway {

/// Accepts TLS connections and keeps account of them. The references outlive the listener.
class Listener {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Application& application;
    TlsContext& tls;
    const TrustedProxies& proxies;
    const Limits& limits;
    Logger& log;
    Metrics& metrics;
  };

  /// `listen` is "address:port", port 0 for any free one. UNAVAILABLE/LISTEN_FAILED.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(const std::string& listen, Parts parts);
  ~Listener();

  int port() const;
  size_t connections() const;
  /// Blocks: new connections are answered a little longer, each answer ends its connection; then no
  /// more are accepted, idle ones end, those at work get up to the drain time, then all end.
  void Drain();
  /// Blocks: accepts no more, ends every connection at once and waits for their last steps, at most
  /// the close time.
  void Abort();

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace shodan::gateway
