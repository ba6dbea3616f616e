// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/deadline.h"
#include "libs/base/status.h"
#include "libs/rpc/run_unary.h"
#include "libs/rpc/stream_set.h"

namespace shodan::rpc {

/// Where the messages of one stream come from. Its functions are called one at a time, from any
/// thread.
template <typename Response>
class StreamSource {
 public:
  enum class Next {
    kMessage,  ///< `message` was filled
    kWork,     ///< Work() has to run first
    kWait,     ///< nothing until the stream is woken
  };
  virtual ~StreamSource() = default;

  /// Never blocks. `message` is empty.
  virtual Next Take(Response& message) = 0;
  /// Whatever may block, a database read say; runs on a worker. An error ends the stream.
  virtual absl::Status Work(Deadline deadline) = 0;
  /// Never blocks. Fills the message of a stream on which nothing happens.
  virtual void Heartbeat(Response& message) = 0;
};

namespace detail {

inline constexpr std::chrono::seconds kStreamWorkLimit{5};

/// A stream that was refused before it began.
template <typename Response>
class RefusedStream final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

/// Moves messages from a source to a stream. At most one message is on its way and at most one job
/// on a worker at a time, so a caller who reads slowly costs one message and what the source keeps.
/// The stream finishes only when neither is left: whoever waits for the server's end waits for the
/// source's last work too.
template <typename Response>
class StreamReactor final : public grpc::ServerWriteReactor<Response>,
                            public OpenStream,
                            public std::enable_shared_from_this<StreamReactor<Response>> {
 public:
  StreamReactor(const ServiceRuntime& runtime, StreamSet& streams, std::string method,
                CallContext call, std::unique_ptr<StreamSource<Response>> source)
      : runtime_(runtime),
        streams_(streams),
        method_(std::move(method)),
        call_(std::move(call)),
        age_limit_(call_.deadline.Cap(streams.limits().max_age)),
        source_(std::move(source)) {}

  /// To be called once, when the stream is in the set.
  void Start() {
    {
      const std::scoped_lock lock(mutex_);
      self_ = this->shared_from_this();
    }
    ShowOpen();
    Pump();
  }

  void Wake() override { Pump(); }
  void End(const absl::Status& status) override {
    SetEnd(status);
    Pump();
  }

  void OnWriteDone(bool ok) override {
    {
      const std::scoped_lock lock(mutex_);
      writing_ = false;
      if (!ok && !end_.has_value()) end_ = CallerLeft();
    }
    Pump();
  }
  void OnCancel() override { End(CallerLeft()); }
  void OnDone() override {
    std::shared_ptr<StreamReactor> self;
    {
      const std::scoped_lock lock(mutex_);
      self = std::move(self_);
      source_.reset();
    }
    streams_.Remove(self);
    ShowOpen();
  }

 private:
  enum class Action { kNone, kWrite, kWork, kFinish };

  static absl::Status CallerLeft() {
    return MakeError(absl::StatusCode::kCancelled, "CALL_CANCELLED", "The caller has left.");
  }

  void SetEnd(const absl::Status& status) {
    const std::scoped_lock lock(mutex_);
    if (!end_.has_value()) end_ = status;
  }

  // gRPC is called outside the lock: it may call back on the same thread.
  void Pump() {
    Action action = Action::kNone;
    absl::Status end;
    {
      const std::scoped_lock lock(mutex_);
      action = Decide();
      if (action == Action::kFinish) end = end_.value_or(absl::OkStatus());
    }
    switch (action) {
      case Action::kNone:
        break;
      case Action::kWrite:
        runtime_.metrics.Count("shodan_rpc_stream_messages_total",
                               "Messages of server streams, heartbeats included.",
                               {{"method", method_}});
        this->StartWrite(&message_);
        break;
      case Action::kWork:
        Submit();
        break;
      case Action::kFinish:
        ReportCall(runtime_, method_, &call_, end, started_);
        this->Finish(ToGrpcStatus(end, runtime_.domain));
        break;
    }
  }

  // What to do now; the caller does it.
  Action Decide() {
    if (finished_ || writing_ || working_) return Action::kNone;
    if (!end_.has_value() && age_limit_.Expired()) end_ = absl::OkStatus();
    if (end_.has_value()) {
      finished_ = true;
      return Action::kFinish;
    }
    message_.Clear();
    using Next = typename StreamSource<Response>::Next;
    const Next next = source_->Take(message_);
    if (next == Next::kWork) {
      working_ = true;
      return Action::kWork;
    }
    const auto now = std::chrono::steady_clock::now();
    if (next == Next::kWait) {
      // The first message comes at once, so that the caller knows that the stream is open.
      if (sent_at_.has_value() && now - *sent_at_ < streams_.limits().heartbeat) {
        return Action::kNone;
      }
      source_->Heartbeat(message_);
    }
    sent_at_ = now;
    writing_ = true;
    return Action::kWrite;
  }

  void Submit() {
    const bool accepted =
        runtime_.workers.TrySubmit([self = this->shared_from_this()] { self->RunWork(); });
    if (accepted) return;
    WorkDone(WithRetryAfter(
        ResourceExhausted("SERVER_BUSY", "The service is at its limit; repeat the call later."),
        std::chrono::seconds(1)));
  }

  void RunWork() {
    absl::Status status;
    try {
      status = source_->Work(Deadline::After(kStreamWorkLimit));
    } catch (...) {
      status = Internal("UNEXPECTED", "The call failed unexpectedly.");
    }
    WorkDone(status);
  }

  void WorkDone(const absl::Status& status) {
    {
      const std::scoped_lock lock(mutex_);
      working_ = false;
      if (!status.ok() && !end_.has_value()) end_ = status;
    }
    Pump();
  }

  void ShowOpen() {
    runtime_.metrics.Set("shodan_rpc_streams_open", "Server streams that are open.",
                         {{"method", method_}}, streams_.size());
  }

  const ServiceRuntime& runtime_;
  StreamSet& streams_;
  const std::string method_;
  const CallContext call_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const Deadline age_limit_;

  std::mutex mutex_;  // guards everything below
  std::unique_ptr<StreamSource<Response>> source_;
  Response message_;
  std::optional<std::chrono::steady_clock::time_point> sent_at_;
  bool writing_ = false;  // message_ belongs to gRPC
  bool working_ = false;  // source_ belongs to a worker
  bool finished_ = false;
  std::optional<absl::Status> end_;
  std::shared_ptr<StreamReactor> self_;  // until gRPC is done with it
};

}  // namespace detail

/// Authorizes the call, asks `open(call, request)` for the stream's source
/// (absl::StatusOr<std::unique_ptr<StreamSource<Response>>>; it must not block), and sends what the
/// source has until one side ends the stream. The call needs no deadline.
///
/// Ends: with OK at the set's maximum age, with the source's error, with the set's when it drains
/// or is full. While nothing is sent, the stream holds neither a thread nor a worker. The source
/// outlives its last call; `runtime` and `streams` outlive the server.
template <typename Response, typename Request, typename Open>
grpc::ServerWriteReactor<Response>* RunStream(grpc::CallbackServerContext* context,
                                              const ServiceRuntime& runtime, StreamSet& streams,
                                              const std::string& method, const Request* request,
                                              Open open) {
  const auto started = std::chrono::steady_clock::now();
  const absl::StatusOr<CallContext> call =
      runtime.authorizer.Authorize(*context, method, *request, DeadlineRule::kOptional);
  absl::Status status = call.status();
  if (status.ok()) {
    absl::StatusOr<std::unique_ptr<StreamSource<Response>>> source = open(*call, *request);
    status = source.status();
    if (status.ok()) {
      auto stream = std::make_shared<detail::StreamReactor<Response>>(runtime, streams, method,
                                                                      *call, *std::move(source));
      status = streams.Add(stream);
      if (status.ok()) {
        stream->Start();
        return stream.get();
      }
    }
  }
  ReportCall(runtime, method, call.ok() ? &*call : nullptr, status, started);
  return new detail::RefusedStream<Response>(ToGrpcStatus(status, runtime.domain));
}

}  // namespace shodan::rpc
