// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/circuit_breaker.h"

#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

using std::chrono::milliseconds;

struct World {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  CircuitBreaker breaker{{.failures = 3, .pause = milliseconds(1'000)}, [this] { return now; }};

  void Break() {
    for (int i = 0; i < 3; ++i) {
      REQUIRE(breaker.Admit());
      breaker.Failed();
    }
  }
};

TEST_CASE_METHOD(World, "Failures that are not in a row keep nothing away") {
  for (int i = 0; i < 10; ++i) {
    CHECK(breaker.Admit());
    breaker.Failed();
    CHECK(breaker.Admit());
    breaker.Failed();
    CHECK(breaker.Admit());
    breaker.Succeeded();
  }
}

TEST_CASE_METHOD(World, "After failures in a row nothing is admitted for the pause") {
  Break();

  CHECK_FALSE(breaker.Admit());
  CHECK(breaker.RemainingPause() == milliseconds(1'000));
  now += milliseconds(999);
  CHECK_FALSE(breaker.Admit());
  now += milliseconds(1);
  CHECK(breaker.Admit());
  CHECK(breaker.RemainingPause() == milliseconds(0));
}

TEST_CASE_METHOD(World, "After the pause one probe goes out at a time, and its success closes") {
  Break();
  now += milliseconds(1'000);

  CHECK(breaker.Admit());
  CHECK_FALSE(breaker.Admit());
  breaker.Succeeded();
  CHECK(breaker.Admit());
  CHECK(breaker.Admit());
}

TEST_CASE_METHOD(World, "A failed probe opens for another pause") {
  Break();
  now += milliseconds(1'000);
  REQUIRE(breaker.Admit());

  breaker.Failed();

  CHECK_FALSE(breaker.Admit());
  now += milliseconds(1'000);
  CHECK(breaker.Admit());
}

TEST_CASE_METHOD(World, "A probe that was not made, or has no end, does not keep others away") {
  Break();
  now += milliseconds(1'000);
  REQUIRE(breaker.Admit());
  breaker.Abandoned();
  REQUIRE(breaker.Admit());

  now += milliseconds(30'000);

  CHECK(breaker.Admit());
}

TEST_CASE_METHOD(World, "A dependency that asks for a time gets it, whatever else ends meanwhile") {
  REQUIRE(breaker.Admit());
  breaker.OpenFor(milliseconds(60'000));
  breaker.OpenFor(milliseconds(10));
  breaker.Succeeded();

  CHECK_FALSE(breaker.Admit());
  CHECK(breaker.RemainingPause() == milliseconds(60'000));
  now += milliseconds(60'000);
  CHECK(breaker.Admit());
}

TEST_CASE_METHOD(World, "Of many threads one makes the probe") {
  Break();
  now += milliseconds(1'000);
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { admitted += breaker.Admit() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(admitted == 1);
}

}  // namespace
}  // namespace shodan
