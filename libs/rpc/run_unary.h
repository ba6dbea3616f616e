// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "libs/rpc/authorizer.h"
#include "libs/rpc/status_mapping.h"

namespace shodan::rpc {

/// What every unary method of a service shares. The members outlive the server.
struct ServiceRuntime {
  std::string domain;  ///< ErrorInfo.domain, for example "tokenvault.shodan"
  WorkerPool& workers;
  const Authorizer& authorizer;
  Logger& log;
  Metrics& metrics;
};

/// Logs (method, caller, code, reason, duration; nothing of the request) and counts a finished
/// call.
void ReportCall(const ServiceRuntime& runtime, const std::string& method, const CallContext* call,
                const absl::Status& status, std::chrono::steady_clock::time_point started);

/// Authorizes the call, runs `handler(call, request) -> absl::StatusOr<Response>` on the worker
/// pool and finishes the RPC with its result.
///
/// RESOURCE_EXHAUSTED/SERVER_BUSY at once when the pool is full; CANCELLED when the caller left
/// while it was queued. Request and response belong to gRPC and live until Finish(). An exception
/// out of the handler becomes INTERNAL/UNEXPECTED.
template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* RunUnary(grpc::CallbackServerContext* context,
                                   const ServiceRuntime& runtime, std::string method,
                                   const Request* request, Response* response, Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto started = std::chrono::steady_clock::now();
  absl::StatusOr<CallContext> call = runtime.authorizer.Authorize(*context, method, *request);
  if (!call.ok()) {
    ReportCall(runtime, method, nullptr, call.status(), started);
    reactor->Finish(ToGrpcStatus(call.status(), runtime.domain));
    return reactor;
  }
  auto job = [=, &runtime, call = *std::move(call), handler = std::move(handler)] {
    absl::Status status;
    if (context->IsCancelled()) {
      status = MakeError(absl::StatusCode::kCancelled, "CALL_CANCELLED", "The caller has left.");
    } else {
      try {
        absl::StatusOr<Response> result = handler(call, *request);
        status = result.status();
        if (result.ok()) *response = *std::move(result);
      } catch (...) {
        status = Internal("UNEXPECTED", "The call failed unexpectedly.");
      }
    }
    ReportCall(runtime, method, &call, status, started);
    reactor->Finish(ToGrpcStatus(status, runtime.domain));
  };
  if (!runtime.workers.TrySubmit(std::move(job))) {
    const absl::Status busy = WithRetryAfter(
        ResourceExhausted("SERVER_BUSY", "The service is at its limit; repeat the call later."),
        std::chrono::seconds(1));
    ReportCall(runtime, method, nullptr, busy, started);
    reactor->Finish(ToGrpcStatus(busy, runtime.domain));
  }
  return reactor;
}

}  // namespace shodan::rpc
