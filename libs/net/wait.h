// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace shodan::net {

/// For operations that report errors as values: co_await op(kAsTuple) yields a tuple whose first
/// element is the error code.
inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>> kAsTuple{};

/// Suspends the coroutine; ends early when it is cancelled.
inline boost::asio::awaitable<void> WaitFor(std::chrono::milliseconds delay) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, delay);
  co_await timer.async_wait(kAsTuple);
}

}  // namespace shodan::net
