// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/concurrency/shutdown.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/observability/admin_server.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "libs/rpc/authorizer.h"
#include "libs/rpc/run_unary.h"
#include "libs/rpc/server.h"
#include "libs/service/common_config.h"
#include "libs/service/grpc_config.h"
#include "libs/service/readiness.h"

namespace shodan::service {

/// Bounds of one gRPC service; each service has its own in limits.h.
struct HostLimits {
  int worker_threads = 8;
  int max_queued_calls = 256;  ///< further calls get RESOURCE_EXHAUSTED/SERVER_BUSY
  std::chrono::milliseconds drain{std::chrono::seconds(20)};  ///< for running calls, after SIGTERM
  std::chrono::milliseconds stream_age{0};  ///< how long a stream may last, where there are any
};

/// What every gRPC service runs on: log, metrics, workers, authorizer, gRPC server, admin server,
/// port file. Declare it in main() before the objects that use it and call Serve() last, so that
/// no call runs any more when those objects go.
///
///   SHODAN_ASSIGN_OR_RETURN(auto host, GrpcHost::Create("call-link", config.common,
///                                                       std::move(config.grpc), kHostLimits));
///   CallLinkService service(builder, host->runtime());
///   return host->Serve({&service}, termination);
class GrpcHost {
 public:
  /// `name` is the service's: its audience in assertions, the field "service" of its log, and
  /// without hyphens the start of its error domain ("calllink.shodan").
  static absl::StatusOr<std::unique_ptr<GrpcHost>> Create(std::string_view name,
                                                          const CommonConfig& common,
                                                          GrpcConfig grpc,
                                                          const HostLimits& limits);
  ~GrpcHost();
  GrpcHost(const GrpcHost&) = delete;
  GrpcHost& operator=(const GrpcHost&) = delete;

  Logger& log() { return log_; }
  Metrics& metrics() { return metrics_; }
  WorkerPool& workers() { return *workers_; }
  /// For the handlers of rpc::RunUnary.
  const rpc::ServiceRuntime& runtime() const { return *runtime_; }

  /// `end` is called, once, before running calls are waited for: it ends calls that would not end
  /// by themselves. What it refers to outlives Serve(). Call it before Start().
  void OnDrain(std::function<void()> end) { on_drain_ = std::move(end); }

  /// Start(), wait for the signal, Stop().
  absl::Status Serve(const std::vector<grpc::Service*>& services, TerminationSignal& termination,
                     std::function<std::string()> ready = {});

  /// Binds both listeners, writes the port file, then reports serving. `ready` as in Readiness.
  /// UNAVAILABLE/LISTEN_FAILED, /PORT_FILE_UNWRITABLE.
  absl::Status Start(const std::vector<grpc::Service*>& services,
                     std::function<std::string()> ready = {});
  /// Not ready, NOT_SERVING, no new calls; running ones get the drain time; then both listeners
  /// close. May be repeated.
  void Stop();
  /// The bound ports, after Start().
  int grpc_port() const;
  int admin_port() const;

 private:
  GrpcHost(std::string_view name, const CommonConfig& common, GrpcConfig grpc,
           const HostLimits& limits);

  Logger log_;
  Metrics metrics_;
  CommonConfig common_;
  std::string listen_;
  rpc::TlsFiles tls_;
  HostLimits limits_;
  rpc::Authorizer authorizer_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<rpc::ServiceRuntime> runtime_;
  std::function<void()> on_drain_;
  std::unique_ptr<Readiness> readiness_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace shodan::service
