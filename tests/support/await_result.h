// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

namespace shodan::testing {

/// Runs a coroutine on this thread, whatever else waits at `io`; its result.
template <typename T>
T AwaitResult(boost::asio::io_context& io, boost::asio::awaitable<T> coroutine) {
  std::optional<T> result;
  auto completed = [&io, &result](std::exception_ptr error, T value) {
    REQUIRE(error == nullptr);
    result = std::move(value);
    // A call that goes on keeps the context at work.
    io.stop();
  };
  boost::asio::co_spawn(io, std::move(coroutine), std::move(completed));
  io.restart();
  io.run();
  REQUIRE(result.has_value());
  return *std::move(result);
}

}  // namespace shodan::testing
