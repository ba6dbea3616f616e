// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/gateway/config.h"

namespace shodan::gateway {

/// The gateway put together: backends, sessions, limits, handlers, routes, listener.
class Gateway {
 public:
  /// Log and metrics outlive the gateway. Errors name the file or address that does not work.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Config config, Logger& log,
                                                        Metrics& metrics);
  ~Gateway();

  int port() const;
  size_t connections() const;
  /// Empty once every backend was reached, as /readyz wants it. From any thread.
  std::string WhyNotReady() const;
  /// Blocks until requests in flight are answered, at most the configured time.
  void Drain();

 private:
  struct Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan::gateway
