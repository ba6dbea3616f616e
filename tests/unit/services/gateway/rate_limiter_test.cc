// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/rate_limit/rate_limiter.h"

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

class FakeRedis final : public redis::Commands {
 public:
  absl::StatusOr<redis::Reply> answer;
  std::vector<std::string> last;
  std::chrono::milliseconds limit{0};

  boost::asio::awaitable<absl::StatusOr<redis::Reply>> Execute(
      std::vector<std::string> arguments, std::chrono::milliseconds time_limit) override {
    last = std::move(arguments);
    limit = time_limit;
    co_return answer;
  }
};

redis::Reply Integer(int64_t value) {
  redis::Reply reply;
  reply.type = redis::Reply::Type::kInteger;
  reply.integer = value;
  return reply;
}

TEST_CASE("Redis decides while it answers, for all limits in one script") {
  Metrics metrics;
  FakeRedis redis;
  RateLimiter limiter(&redis, metrics);
  redis.answer = Integer(0);
  CHECK(RunCoroutine(limiter.Take({{"user:u", 600}, {"connect:u", 30}})).allowed);
  CHECK(redis.last.size() == 7);
  CHECK(redis.last[2] == "2");
  CHECK(redis.last[3] == "shodan:rate:user:u");
  CHECK(redis.last[6] == "30");
  CHECK(redis.limit == std::chrono::milliseconds(50));

  redis.answer = Integer(1500);
  const RateDecision refused = RunCoroutine(limiter.Take({{"user:u", 600}}));
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == std::chrono::milliseconds(1500));
}

TEST_CASE("Without Redis, and when it fails or answers nonsense, this process decides") {
  Metrics metrics;
  FakeRedis redis;
  redis::Reply error;
  error.type = redis::Reply::Type::kError;
  error.text = "OOM command not allowed";
  for (const absl::StatusOr<redis::Reply>& answer :
       {absl::StatusOr<redis::Reply>(Unavailable("REDIS_UNAVAILABLE", "x")),
        absl::StatusOr<redis::Reply>(DeadlineExceeded("REDIS_TIMEOUT", "x")),
        absl::StatusOr<redis::Reply>(error)}) {
    redis.answer = answer;
    RateLimiter limiter(&redis, metrics);
    CHECK(RunCoroutine(limiter.Take({{"a", 2}})).allowed);
    CHECK(RunCoroutine(limiter.Take({{"a", 2}})).allowed);
    CHECK_FALSE(RunCoroutine(limiter.Take({{"a", 2}})).allowed);
  }
  RateLimiter alone(nullptr, metrics);
  CHECK(RunCoroutine(alone.Take({{"a", 1}})).allowed);
  CHECK_FALSE(RunCoroutine(alone.Take({{"a", 1}})).allowed);
  CHECK(metrics.Render().find("shodan_gateway_rate_limit_fallbacks_total 11") != std::string::npos);
}

}  // namespace
}  // namespace shodan::gateway
