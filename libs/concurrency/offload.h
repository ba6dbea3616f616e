// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "libs/concurrency/worker_pool.h"

namespace shodan {

/// Runs `job` on the pool and completes on the caller's executor with its result; with `when_full`
/// when the pool takes no more. Not a coroutine (rule CORO-1).
template <typename T>
auto Offload(WorkerPool& pool, std::function<T()> job, T when_full) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      [&pool](auto handler, std::function<T()> run, T fallback) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto work = boost::asio::make_work_guard(executor);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto finish = [shared, executor, work](T result) {
          boost::asio::post(executor, [shared, work, r = std::move(result)]() mutable {
            auto done = std::move(*shared);
            std::move(done)(std::move(r));
          });
        };
        if (!pool.TrySubmit([finish, run = std::move(run)] { finish(run()); })) {
          finish(std::move(fallback));
        }
      },
      boost::asio::use_awaitable, std::move(job), std::move(when_full));
}

}  // namespace shodan
