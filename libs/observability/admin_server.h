// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/observability/metrics.h"

namespace shodan {

/// Serves GET /healthz (200 while the process runs), GET /readyz (200 or 503 with the reason) and
/// GET /metrics as plain HTTP on a port of its own, apart from the service's traffic. Anything else
/// is 404. Built on CivetWeb, which Debian builds without IPv6.
class AdminServer {
 public:
  /// `ready` answers an empty text when ready, else why not; called from any thread.
  /// `listen` is "address:port" with an IPv4 address, port 0 for any free one; `metrics` outlives
  /// the server. INVALID_ARGUMENT/ADMIN_LISTEN_INVALID, UNAVAILABLE/ADMIN_LISTEN_FAILED.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& listen,
                                                            const Metrics& metrics,
                                                            std::function<std::string()> ready);
  /// Ends open requests and closes the port.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// The bound port.
  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan
