// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/periodic_task.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <semaphore>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST_CASE("A periodic task runs at once, not only after its first pause") {
  std::latch ran(1);
  PeriodicTask task(hours(1), [&] { ran.count_down(); });

  ran.wait();
}

TEST_CASE("A periodic task runs again and again") {
  std::counting_semaphore runs(0);
  PeriodicTask task(milliseconds(1), [&] { runs.release(); });

  for (int i = 0; i < 5; ++i) runs.acquire();
}

TEST_CASE("The pause is at least 0.8 of the interval") {
  std::binary_semaphore ended(0);
  std::atomic<int> runs = 0;
  steady_clock::time_point first_end;
  steady_clock::time_point second_start;
  PeriodicTask task(milliseconds(50), [&] {
    const int run = ++runs;
    if (run == 1) first_end = steady_clock::now();
    if (run == 2) second_start = steady_clock::now();
    if (run == 2) ended.release();
  });

  ended.acquire();

  CHECK(second_start - first_end >= milliseconds(40));
}

TEST_CASE("Wake ends a pause") {
  std::counting_semaphore runs(0);
  PeriodicTask task(hours(1), [&] { runs.release(); });
  runs.acquire();

  task.Wake();

  runs.acquire();
}

TEST_CASE("Wake during a run leaves out the pause after it") {
  std::counting_semaphore runs(0);
  std::latch woken(1);
  PeriodicTask task(hours(1), [&] {
    runs.release();
    woken.wait();
  });
  runs.acquire();

  task.Wake();
  woken.count_down();

  runs.acquire();
}

TEST_CASE("The destructor does not wait for the pause, and nothing runs after it") {
  std::atomic<int> runs = 0;
  {
    std::latch ran(1);
    PeriodicTask task(hours(1), [&] {
      ++runs;
      ran.count_down();
    });
    ran.wait();
  }
  CHECK(runs == 1);
}

}  // namespace
}  // namespace shodan
