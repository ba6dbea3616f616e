// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/worker_pool.h"

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

TEST_CASE("A pool runs a job on one of its own threads") {
  WorkerPool pool(1, 0);
  std::promise<std::thread::id> thread;

  REQUIRE(pool.TrySubmit([&] { thread.set_value(std::this_thread::get_id()); }));

  CHECK(thread.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("A pool runs as many jobs at the same time as it has threads") {
  WorkerPool pool(3, 0);
  std::latch together(3);
  std::latch done(3);

  for (int i = 0; i < 3; ++i) {
    REQUIRE(pool.TrySubmit([&] {
      together.arrive_and_wait();
      done.count_down();
    }));
  }

  done.wait();
}

TEST_CASE("A pool holds the jobs that run and max_queued more, and refuses the next unrun") {
  std::latch release(1);
  std::atomic<int> runs = 0;
  {
    WorkerPool pool(2, 3);
    const auto job = [&] {
      release.wait();
      ++runs;
    };
    for (int i = 0; i < 5; ++i) REQUIRE(pool.TrySubmit(job));

    CHECK_FALSE(pool.TrySubmit(job));

    release.count_down();
  }
  CHECK(runs == 5);
}

TEST_CASE("A finished job makes room for another") {
  WorkerPool pool(1, 0);
  for (int i = 0; i < 3; ++i) {
    std::promise<void> done;
    // The place is free a moment after the job has ended.
    while (!pool.TrySubmit([&] { done.set_value(); })) std::this_thread::yield();
    done.get_future().get();
  }
}

TEST_CASE("The destructor runs what is queued, and a stopping pool takes nothing more") {
  std::atomic<int> runs = 0;
  std::atomic<int> refused = 0;
  std::latch started(1);
  std::latch release(1);
  {
    auto pool = std::make_unique<WorkerPool>(1, 8);
    REQUIRE(pool->TrySubmit([&, raw = pool.get()] {
      started.count_down();
      release.wait();
      // Submits until the destructor, which the main thread is about to enter, has begun.
      while (raw->TrySubmit([&] { ++runs; })) std::this_thread::yield();
      ++refused;
    }));
    started.wait();
    for (int i = 0; i < 8; ++i) REQUIRE(pool->TrySubmit([&] { ++runs; }));
    release.count_down();
  }
  CHECK(runs == 8);
  CHECK(refused == 1);
}

TEST_CASE("What a job captured is gone before its place is given away") {
  WorkerPool pool(1, 0);
  auto captured = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = captured;
  REQUIRE(pool.TrySubmit([captured] {}));
  captured.reset();

  while (!pool.TrySubmit([] {})) std::this_thread::yield();

  CHECK(watch.expired());
}

}  // namespace
}  // namespace shodan
