// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_callback.h>

#include "absl/status/status.h"
#include "libs/concurrency/await_callback.h"
#include "libs/rpc/status_mapping.h"

namespace shodan::rpc {

namespace detail {

// The call as gRPC sees it. The hold keeps it open while operations are begun from outside its own
// callbacks. gRPC's thread may be the last to know of it, and must not be the last to let go of the
// context (see PendingRpc): the end is posted to the executor.
template <typename Request, typename Response>
class DuplexCallReactor final
    : public grpc::ClientBidiReactor<Request, Response>,
      public std::enable_shared_from_this<DuplexCallReactor<Request, Response>> {
 public:
  DuplexCallReactor(boost::asio::any_io_executor executor,
                    std::shared_ptr<grpc::ClientContext> context)
      : context_(std::move(context)), work_(std::move(executor)) {}

  template <typename Start>
  void Begin(Start start) {
    self_ = this->shared_from_this();
    start(context_.get(), this);
    this->AddHold();
    this->StartCall();
  }

  void Write(Request message, std::function<void(bool)> done) {
    outgoing_ = std::move(message);
    write_done_ = std::move(done);
    this->StartWrite(&outgoing_);
  }
  void WritesDone(std::function<void(bool)> done) {
    write_done_ = std::move(done);
    this->StartWritesDone();
  }
  void Read(std::function<void(std::optional<Response>)> done) {
    incoming_.Clear();
    read_done_ = std::move(done);
    this->StartRead(&incoming_);
  }
  void Finish(std::function<void(absl::Status)> done) {
    std::optional<absl::Status> status;
    bool cancel = false;
    {
      const std::scoped_lock lock(mutex_);
      cancel = !read_to_end_;
      status = status_;
      if (!status.has_value()) finish_done_ = std::move(done);
    }
    if (status.has_value()) {
      done(*std::move(status));
      return;
    }
    if (cancel) Cancel();
    Release();
  }
  void Cancel() { context_->TryCancel(); }
  // Lets the call end; no operation may be begun after it.
  void Release() {
    {
      const std::scoped_lock lock(mutex_);
      if (released_) return;
      released_ = true;
    }
    this->RemoveHold();
  }

  void OnWriteDone(bool ok) override { std::exchange(write_done_, nullptr)(ok); }
  void OnWritesDoneDone(bool ok) override { std::exchange(write_done_, nullptr)(ok); }
  void OnReadDone(bool ok) override {
    if (!ok) {
      const std::scoped_lock lock(mutex_);
      read_to_end_ = true;
    }
    auto done = std::exchange(read_done_, nullptr);
    done(ok ? std::optional<Response>(std::move(incoming_)) : std::nullopt);
  }
  void OnDone(const grpc::Status& status) override {
    std::function<void(absl::Status)> done;
    {
      const std::scoped_lock lock(mutex_);
      status_ = FromGrpcStatus(status);
      done = std::exchange(finish_done_, nullptr);
    }
    // The last that gRPC's thread does with the executor: whoever hears of the end may take it
    // away.
    boost::asio::post(work_.get_executor(), [self = std::move(self_), done = std::move(done)] {
      self->work_.reset();
      if (done != nullptr) done(*self->status_);
    });
  }

 private:
  const std::shared_ptr<grpc::ClientContext> context_;
  boost::asio::executor_work_guard<boost::asio::any_io_executor> work_;  // until gRPC is done
  Request outgoing_;
  Response incoming_;
  std::function<void(bool)> write_done_;
  std::function<void(std::optional<Response>)> read_done_;

  std::mutex mutex_;  // guards the four below
  bool read_to_end_ = false;
  bool released_ = false;
  std::optional<absl::Status> status_;
  std::function<void(absl::Status)> finish_done_;

  std::shared_ptr<DuplexCallReactor> self_;  // until gRPC is done with it
};

}  // namespace detail

/// The caller's side of a bidirectional stream, awaited. One writing and one reading operation may
/// be under way at a time; each is gRPC's own flow control: a Write() completes when gRPC has taken
/// the message, a Read() when one has come. Cancelling a coroutine that awaits one of them, and
/// dropping the object, cancels the whole call. Not thread-safe, apart from Cancel(): use it from
/// one strand. `executor` runs until the call has ended.
template <typename Request, typename Response>
class DuplexCall {
 public:
  /// `start(context, reactor)` is the stub's method: `stub.async()->Method(context, reactor)`. The
  /// context holds deadline and metadata (PrepareContext) and is used for nothing else.
  template <typename Start>
  DuplexCall(boost::asio::any_io_executor executor, std::shared_ptr<grpc::ClientContext> context,
             Start start)
      : reactor_(std::make_shared<Reactor>(std::move(executor), std::move(context))) {
    reactor_->Begin(std::move(start));
  }
  ~DuplexCall() {
    if (reactor_ == nullptr) return;
    if (!finished_) reactor_->Cancel();
    reactor_->Release();
  }
  DuplexCall(const DuplexCall&) = delete;
  DuplexCall& operator=(const DuplexCall&) = delete;
  DuplexCall(DuplexCall&&) noexcept = default;
  DuplexCall& operator=(DuplexCall&&) = delete;

  /// False: the call is over, and Finish() tells why once Read() has come to the end.
  boost::asio::awaitable<bool> Write(Request message) {
    auto shared = std::make_shared<Request>(std::move(message));
    return Await<bool>([reactor = reactor_, shared](std::function<void(bool)> done) {
      reactor->Write(std::move(*shared), std::move(done));
    });
  }
  /// No message follows. False as in Write().
  boost::asio::awaitable<bool> WritesDone() {
    return Await<bool>([reactor = reactor_](std::function<void(bool)> done) {
      reactor->WritesDone(std::move(done));
    });
  }
  /// The next message; nullopt when none follows.
  boost::asio::awaitable<std::optional<Response>> Read() {
    using Message = std::optional<Response>;
    return Await<Message>([reactor = reactor_](std::function<void(Message)> done) {
      reactor->Read(std::move(done));
    });
  }
  /// How the call ended, as FromGrpcStatus() says it. The last operation, to be called once, when
  /// no other is under way. Before Read() has told the end it cancels the call.
  boost::asio::awaitable<absl::Status> Finish() {
    finished_ = true;
    return Await<absl::Status>([reactor = reactor_](std::function<void(absl::Status)> done) {
      reactor->Finish(std::move(done));
    });
  }
  /// From any thread.
  void Cancel() { reactor_->Cancel(); }

 private:
  using Reactor = detail::DuplexCallReactor<Request, Response>;

  template <typename T>
  boost::asio::awaitable<T> Await(std::function<void(std::function<void(T)>)> start) {
    return AwaitCallback<T>(std::move(start), [reactor = reactor_] { reactor->Cancel(); });
  }

  std::shared_ptr<Reactor> reactor_;
  bool finished_ = false;
};

}  // namespace shodan::rpc
