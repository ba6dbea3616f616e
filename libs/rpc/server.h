// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "libs/rpc/tls.h"

namespace shodan::rpc {

/// A gRPC server with mutual TLS, standard health and reflection services, message limits (1 MiB)
/// and keep-alive settings. Thread-safe after Start().
class Server {
 public:
  /// `listen` is "address:port", port 0 for any free one. The services outlive the server. A
  /// connection is replaced every few minutes; streams on it may go on for `stream_age` after that.
  /// UNAVAILABLE/LISTEN_FAILED when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const std::string& listen, const TlsFiles& tls, const std::vector<grpc::Service*>& services,
      std::chrono::milliseconds stream_age = std::chrono::milliseconds(0));
  ~Server();

  int port() const { return port_; }
  /// Reported by the health service for every name.
  void SetServing(bool serving);
  /// Health goes NOT_SERVING, new calls are refused, running ones get up to `grace`.
  void Drain(std::chrono::milliseconds grace);

 private:
  Server() = default;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace shodan::rpc
