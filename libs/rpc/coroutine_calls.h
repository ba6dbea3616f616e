// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>

#include "absl/status/status.h"

namespace shodan::rpc {

/// Where the handlers of a server's calls run as coroutines, and how many may be under way.
/// Thread-safe. It and the executor outlive the server.
class CoroutineCalls {
 public:
  CoroutineCalls(boost::asio::any_io_executor executor, int calls_max)
      : executor_(std::move(executor)), calls_max_(calls_max) {}
  CoroutineCalls(const CoroutineCalls&) = delete;
  CoroutineCalls& operator=(const CoroutineCalls&) = delete;

  const boost::asio::any_io_executor& executor() const { return executor_; }
  /// RESOURCE_EXHAUSTED/SERVER_BUSY when there are as many as may be. Leave() follows success.
  absl::Status Enter();
  void Leave() { --calls_; }
  int size() const { return calls_; }

 private:
  const boost::asio::any_io_executor executor_;
  const int calls_max_;
  std::atomic<int> calls_{0};
};

namespace detail {

/// CANCELLED/CALL_CANCELLED.
absl::Status CallerHasLeft();

/// One coroutine on a strand of its own, which others may cancel.
class CoroutineRun : public std::enable_shared_from_this<CoroutineRun> {
 public:
  explicit CoroutineRun(const boost::asio::any_io_executor& executor);

  /// Once. `done` runs on the strand, after the coroutine's frame is gone; an exception becomes
  /// INTERNAL/UNEXPECTED.
  void Start(boost::asio::awaitable<absl::Status> body, std::function<void(absl::Status)> done);
  /// From any thread. Operations that are awaited, then or later, may end early.
  void Cancel();

 private:
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  boost::asio::cancellation_signal signal_;  // used on the strand
};

}  // namespace detail
}  // namespace shodan::rpc
