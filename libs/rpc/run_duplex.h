// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"
#include "libs/concurrency/await_callback.h"
#include "libs/rpc/coroutine_calls.h"
#include "libs/rpc/run_unary.h"

namespace shodan::rpc {

/// The server's end of a bidirectional stream, for its handler. One Read() and one Write() may be
/// awaited at a time. Each holds one message; gRPC's flow control holds the caller.
template <typename Request, typename Response>
class DuplexStream {
 public:
  virtual ~DuplexStream() = default;
  /// The caller's next message; nullopt when it has written all. CANCELLED/CALL_CANCELLED when it
  /// left, which may look like the end of writing too: a stream whose length matters has to say
  /// it. A Read() that is cancelled loses nothing: the next one gets the message.
  virtual boost::asio::awaitable<absl::StatusOr<std::optional<Request>>> Read() = 0;
  /// Completes when gRPC has taken the message. CANCELLED/CALL_CANCELLED when the caller left; a
  /// Write() that is cancelled ends the call.
  virtual boost::asio::awaitable<absl::Status> Write(Response message) = 0;
};

namespace detail {

/// A stream that was refused before it began.
template <typename Request, typename Response>
class RefusedDuplex final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit RefusedDuplex(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

template <typename Request, typename Response, typename HeadOf, typename Handler>
class CoroutineDuplex final : public grpc::ServerBidiReactor<Request, Response>,
                              public DuplexStream<Request, Response> {
 public:
  using Incoming = absl::StatusOr<std::optional<Request>>;

  CoroutineDuplex(grpc::CallbackServerContext* context, const ServiceRuntime& runtime,
                  CoroutineCalls& calls, CallContext call, HeadOf head_of, Handler handler,
                  std::chrono::steady_clock::time_point started)
      : context_(context),
        runtime_(runtime),
        calls_(calls),
        call_(std::move(call)),
        head_of_(std::move(head_of)),
        handler_(std::move(handler)),
        started_(started),
        run_(std::make_shared<CoroutineRun>(calls.executor())) {}

  void Start() {
    run_->Start(Serve(), [this](const absl::Status& status) {
      ReportCall(runtime_, call_.method, &call_, status, started_);
      this->Finish(ToGrpcStatus(status, runtime_.domain));
    });
  }

  boost::asio::awaitable<Incoming> Read() override {
    return AwaitCallback<Incoming>(
        [this](std::function<void(Incoming)> done) { BeginRead(std::move(done)); },
        [this] { AbandonRead(); });
  }
  boost::asio::awaitable<absl::Status> Write(Response message) override {
    auto shared = std::make_shared<Response>(std::move(message));
    return AwaitCallback<absl::Status>(
        [this, shared](std::function<void(absl::Status)> done) {
          outgoing_ = std::move(*shared);
          write_done_ = std::move(done);
          this->StartWrite(&outgoing_);
        },
        [this] { context_->TryCancel(); });
  }

  void OnReadDone(bool ok) override {
    std::function<void(Incoming)> done;
    Incoming incoming = std::optional<Request>();
    {
      const std::scoped_lock lock(mutex_);
      reading_ = false;
      if (ok) {
        incoming = std::move(incoming_);
      } else {
        ended_ = true;
        incoming = AtEnd();
      }
      done = std::exchange(read_done_, nullptr);
      if (done == nullptr && ok) arrived_ = **std::move(incoming);
    }
    if (done != nullptr) done(std::move(incoming));
  }
  void OnWriteDone(bool ok) override {
    std::exchange(write_done_, nullptr)(ok ? absl::OkStatus() : CallerHasLeft());
  }
  void OnCancel() override { run_->Cancel(); }
  void OnDone() override {
    calls_.Leave();
    delete this;
  }

 private:
  boost::asio::awaitable<absl::Status> Serve() {
    Incoming first = co_await Read();
    if (!first.ok()) co_return first.status();
    const google::protobuf::Message* head = first->has_value() ? head_of_(**first) : nullptr;
    if (head == nullptr) {
      co_return InvalidArgument("INVALID_FIELD", "The first message of the stream is its head.");
    }
    const absl::Status allowed = Authorizer::CheckRequest(call_, *head);
    if (!allowed.ok()) co_return allowed;
    co_return co_await handler_(call_, **first, static_cast<Stream&>(*this));
  }

  void BeginRead(std::function<void(Incoming)> done) {
    Incoming incoming = std::optional<Request>();
    bool start = false;
    {
      const std::scoped_lock lock(mutex_);
      if (arrived_.has_value()) {
        incoming = std::exchange(arrived_, std::nullopt);
      } else if (ended_) {
        incoming = AtEnd();
      } else {
        read_done_ = std::exchange(done, nullptr);
        start = !reading_;
        reading_ = true;
      }
    }
    if (done != nullptr) done(std::move(incoming));
    if (start) this->StartRead(&incoming_);
  }
  void AbandonRead() {
    std::function<void(Incoming)> done;
    {
      const std::scoped_lock lock(mutex_);
      done = std::exchange(read_done_, nullptr);
    }
    if (done != nullptr) done(CallerHasLeft());
  }
  Incoming AtEnd() const {
    if (context_->IsCancelled()) return CallerHasLeft();
    return std::optional<Request>();
  }

  using Stream = DuplexStream<Request, Response>;

  grpc::CallbackServerContext* const context_;
  const ServiceRuntime& runtime_;
  CoroutineCalls& calls_;
  const CallContext call_;
  const HeadOf head_of_;
  const Handler handler_;
  const std::chrono::steady_clock::time_point started_;
  const std::shared_ptr<CoroutineRun> run_;

  Response outgoing_;                             // of the write under way
  std::function<void(absl::Status)> write_done_;  // likewise

  std::mutex mutex_;                // guards everything below
  Request incoming_;                // gRPC's while reading_
  std::optional<Request> arrived_;  // while nobody waited
  std::function<void(Incoming)> read_done_;
  bool reading_ = false;
  bool ended_ = false;
};

}  // namespace detail

/// A bidirectional stream whose handler is the coroutine `handler(call, first, stream) ->
/// awaitable<absl::Status>`, run, bounded and cancelled as RunCoroutine() says. `first` is the
/// first message, and `head_of(first)` (const google::protobuf::Message*, or null when it is no
/// head) is what names project and user: caller, policy, assertion and deadline are checked before
/// anything is read, project and user once the head is there. INVALID_ARGUMENT/INVALID_FIELD
/// without a head. The handler has no Read() or Write() under way when it returns, apart from a
/// cancelled Read().
template <typename Request, typename Response, typename HeadOf, typename Handler>
grpc::ServerBidiReactor<Request, Response>* RunDuplex(grpc::CallbackServerContext* context,
                                                      const ServiceRuntime& runtime,
                                                      CoroutineCalls& calls,
                                                      const std::string& method, HeadOf head_of,
                                                      Handler handler) {
  const auto started = std::chrono::steady_clock::now();
  absl::StatusOr<CallContext> call = runtime.authorizer.Admit(*context, method);
  const absl::Status status = call.ok() ? calls.Enter() : call.status();
  if (!status.ok()) {
    ReportCall(runtime, method, call.ok() ? &*call : nullptr, status, started);
    return new detail::RefusedDuplex<Request, Response>(ToGrpcStatus(status, runtime.domain));
  }
  auto* reactor = new detail::CoroutineDuplex<Request, Response, HeadOf, Handler>(
      context, runtime, calls, *std::move(call), std::move(head_of), std::move(handler), started);
  reactor->Start();
  return reactor;
}

}  // namespace shodan::rpc
