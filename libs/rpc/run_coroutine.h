// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"
#include "libs/rpc/coroutine_calls.h"
#include "libs/rpc/run_unary.h"

namespace shodan::rpc {

namespace detail {

/// A call that was refused before it began.
class RefusedUnary final : public grpc::ServerUnaryReactor {
 public:
  explicit RefusedUnary(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

template <typename Request, typename Response, typename Handler>
class CoroutineUnary final : public grpc::ServerUnaryReactor {
 public:
  CoroutineUnary(const ServiceRuntime& runtime, CoroutineCalls& calls, CallContext call,
                 const Request* request, Response* response, Handler handler,
                 std::chrono::steady_clock::time_point started)
      : runtime_(runtime),
        calls_(calls),
        call_(std::move(call)),
        request_(request),
        response_(response),
        handler_(std::move(handler)),
        started_(started),
        run_(std::make_shared<CoroutineRun>(calls.executor())) {}

  void Start() {
    run_->Start(Serve(), [this](const absl::Status& status) {
      ReportCall(runtime_, call_.method, &call_, status, started_);
      this->Finish(ToGrpcStatus(status, runtime_.domain));
    });
  }

  void OnCancel() override { run_->Cancel(); }
  void OnDone() override {
    calls_.Leave();
    delete this;
  }

 private:
  boost::asio::awaitable<absl::Status> Serve() {
    absl::StatusOr<Response> result = co_await handler_(call_, *request_);
    if (!result.ok()) co_return result.status();
    *response_ = *std::move(result);
    co_return absl::OkStatus();
  }

  const ServiceRuntime& runtime_;
  CoroutineCalls& calls_;
  const CallContext call_;
  const Request* const request_;
  Response* const response_;
  const Handler handler_;
  const std::chrono::steady_clock::time_point started_;
  const std::shared_ptr<CoroutineRun> run_;
};

}  // namespace detail

/// Authorizes the call, runs the coroutine `handler(call, request) ->
/// awaitable<absl::StatusOr<Response>>` on a strand of `calls`, and finishes the RPC with its
/// result. Beside run_unary.h for handlers that wait for others rather than for a worker.
///
/// RESOURCE_EXHAUSTED/SERVER_BUSY at once when `calls` is full. When the caller leaves or its
/// deadline passes, the coroutine is cancelled (asio's terminal cancellation, which throws nothing
/// here): what it awaits ends early with an error. A handler that must go on resets its
/// cancellation state. Request and response belong to gRPC and live until the end. An exception out
/// of the handler becomes INTERNAL/UNEXPECTED.
template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* RunCoroutine(grpc::CallbackServerContext* context,
                                       const ServiceRuntime& runtime, CoroutineCalls& calls,
                                       const std::string& method, const Request* request,
                                       Response* response, Handler handler) {
  const auto started = std::chrono::steady_clock::now();
  absl::StatusOr<CallContext> call = runtime.authorizer.Authorize(*context, method, *request);
  const absl::Status status = call.ok() ? calls.Enter() : call.status();
  if (!status.ok()) {
    ReportCall(runtime, method, call.ok() ? &*call : nullptr, status, started);
    return new detail::RefusedUnary(ToGrpcStatus(status, runtime.domain));
  }
  auto* reactor = new detail::CoroutineUnary<Request, Response, Handler>(
      runtime, calls, *std::move(call), request, response, std::move(handler), started);
  reactor->Start();
  return reactor;
}

}  // namespace shodan::rpc
