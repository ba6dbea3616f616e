// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <grpcpp/grpcpp.h>

namespace shodan::rpc {
namespace detail {

// Keeps the handler, its executor and the call's context alive until the call completes. gRPC's own
// thread may be the last to let go of this, long after; it must not be the last to let go of the
// context: a context holds its channel, and gRPC 1.51 frees its callback queue twice when the last
// channel ends on one of the threads that serve that queue.
template <typename Handler>
struct PendingRpc {
  using Executor = boost::asio::associated_executor_t<Handler>;
  PendingRpc(Handler h, std::shared_ptr<grpc::ClientContext> c)
      : handler(std::move(h)),
        work(boost::asio::get_associated_executor(handler)),
        context(std::move(c)) {}
  Handler handler;
  boost::asio::executor_work_guard<Executor> work;
  std::shared_ptr<grpc::ClientContext> context;
};

}  // namespace detail

/// Starts a unary RPC on gRPC's callback API and completes on the caller's executor.
///
/// `start(done)` must begin the RPC and call `done(grpc::Status)` once, from any thread; `done` is
/// copyable. Request and response must live until completion: keep them in the awaiting frame.
/// Cancelling the awaiting coroutine calls TryCancel(); the operation still completes. Not a
/// coroutine, so nothing owning is a temporary of a co_await expression (rule CORO-1).
template <typename Start, typename CompletionToken>
auto AsyncRpc(std::shared_ptr<grpc::ClientContext> context, Start start, CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(grpc::Status)>(
      [](auto handler, std::shared_ptr<grpc::ClientContext> ctx, Start begin) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
          slot.assign([ctx](boost::asio::cancellation_type) { ctx->TryCancel(); });
        }
        using Pending = detail::PendingRpc<decltype(handler)>;
        auto pending = std::make_shared<Pending>(std::move(handler), std::move(ctx));
        begin([pending, slot](grpc::Status status) {
          boost::asio::post(pending->work.get_executor(),
                            [pending, slot, status = std::move(status)]() mutable {
                              auto done = std::move(pending->handler);
                              if (slot.is_connected()) slot.clear();
                              pending->context.reset();
                              pending->work.reset();
                              std::move(done)(std::move(status));
                            });
        });
      },
      token, std::move(context), std::move(start));
}

}  // namespace shodan::rpc
