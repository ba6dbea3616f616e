// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/domain/token_bucket.h"

#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TokenBuckets::TimePoint kStart = TokenBuckets::TimePoint(seconds(1000));

TEST_CASE("A bucket gives its capacity at once and then one token each sixtieth of it") {
  TokenBuckets buckets(100);
  const std::vector<RateLimit> limits{{"a", 60}};
  for (int i = 0; i < 60; ++i) REQUIRE(buckets.Take(limits, kStart).allowed);

  const RateDecision refused = buckets.Take(limits, kStart);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == milliseconds(1000));
  CHECK_FALSE(buckets.Take(limits, kStart + milliseconds(999)).allowed);
  CHECK(buckets.Take(limits, kStart + milliseconds(1001)).allowed);
  CHECK_FALSE(buckets.Take(limits, kStart + milliseconds(1002)).allowed);
}

TEST_CASE("A bucket holds no more than its capacity however long it rests") {
  TokenBuckets buckets(100);
  const std::vector<RateLimit> limits{{"a", 2}};
  REQUIRE(buckets.Take(limits, kStart).allowed);

  for (int i = 0; i < 2; ++i) CHECK(buckets.Take(limits, kStart + seconds(3600)).allowed);
  CHECK_FALSE(buckets.Take(limits, kStart + seconds(3600)).allowed);
}

TEST_CASE("A request takes of every bucket or of none") {
  TokenBuckets buckets(100);
  REQUIRE(buckets.Take({{"narrow", 1}}, kStart).allowed);

  const RateDecision refused = buckets.Take({{"wide", 2}, {"narrow", 1}}, kStart);

  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == seconds(60));
  CHECK(buckets.Take({{"wide", 2}}, kStart).allowed);
  CHECK(buckets.Take({{"wide", 2}}, kStart).allowed);
}

TEST_CASE("Subjects do not share buckets, and their number is bounded") {
  TokenBuckets buckets(10);
  for (int i = 0; i < 1000; ++i) {
    CHECK(buckets.Take({{std::to_string(i), 1}}, kStart).allowed);
    CHECK(buckets.size() <= 10);
  }
}

TEST_CASE("A clock that steps back neither fills nor empties a bucket") {
  TokenBuckets buckets(10);
  REQUIRE(buckets.Take({{"a", 1}}, kStart).allowed);

  CHECK_FALSE(buckets.Take({{"a", 1}}, kStart - seconds(600)).allowed);
  CHECK_FALSE(buckets.Take({{"a", 1}}, kStart).allowed);
}

}  // namespace
}  // namespace shodan::gateway
