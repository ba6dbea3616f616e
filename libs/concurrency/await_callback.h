// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace shodan {

/// Awaits a callback: `start(done)` begins something that calls `done(T)` once, from any thread,
/// and the caller goes on, on its own executor, with the value. `cancel` is called when the
/// awaiting coroutine is cancelled; `done` must still be called then, and soon. Not a coroutine, so
/// nothing owning is a temporary of a co_await expression (rule CORO-1).
template <typename T>
boost::asio::awaitable<T> AwaitCallback(std::function<void(std::function<void(T)> done)> start,
                                        std::function<void()> cancel) {
  namespace asio = boost::asio;
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
      [](auto handler, std::function<void(std::function<void(T)>)> begin,
         std::function<void()> stop) {
        auto executor = asio::get_associated_executor(handler);
        auto work = asio::make_work_guard(executor);
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
          slot.assign([stop = std::move(stop)](asio::cancellation_type) { stop(); });
        }
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        begin([shared, executor, work, slot](T value) {
          asio::post(executor, [shared, work, slot, v = std::move(value)]() mutable {
            auto done = std::move(*shared);
            if (slot.is_connected()) slot.clear();
            std::move(done)(std::move(v));
          });
        });
      },
      asio::use_awaitable, std::move(start), std::move(cancel));
}

}  // namespace shodan
