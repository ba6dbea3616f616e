// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/coroutine_calls.h"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/base/status.h"

namespace shodan::rpc {

namespace asio = boost::asio;

absl::Status CoroutineCalls::Enter() {
  if (++calls_ <= calls_max_) return absl::OkStatus();
  --calls_;
  return WithRetryAfter(
      ResourceExhausted("SERVER_BUSY", "The service is at its limit; repeat the call later."),
      std::chrono::seconds(1));
}

namespace detail {
namespace {

// Every awaited operation tells a cancellation as an error of its own; asio's exception would only
// hide how the work stood.
asio::awaitable<absl::Status> WithoutExceptions(asio::awaitable<absl::Status> body) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(body);
}

}  // namespace

absl::Status CallerHasLeft() {
  return MakeError(absl::StatusCode::kCancelled, "CALL_CANCELLED", "The caller has left.");
}

CoroutineRun::CoroutineRun(const asio::any_io_executor& executor)
    : strand_(asio::make_strand(executor)) {}

void CoroutineRun::Start(asio::awaitable<absl::Status> body,
                         std::function<void(absl::Status)> done) {
  auto finished = [self = shared_from_this(), done = std::move(done)](std::exception_ptr error,
                                                                      absl::Status status) {
    done(error == nullptr ? std::move(status)
                          : Internal("UNEXPECTED", "The call failed unexpectedly."));
  };
  // On the strand, because the slot must not be set while the signal is emitted.
  asio::post(strand_, [self = shared_from_this(), body = std::move(body),
                       finished = std::move(finished)]() mutable {
    asio::co_spawn(self->strand_, WithoutExceptions(std::move(body)),
                   asio::bind_cancellation_slot(self->signal_.slot(), std::move(finished)));
  });
}

void CoroutineRun::Cancel() {
  asio::post(strand_, [self = shared_from_this()] {
    self->signal_.emit(asio::cancellation_type::terminal);
  });
}

}  // namespace detail
}  // namespace shodan::rpc
