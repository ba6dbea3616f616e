// SPDX-License-Identifier: Apache-2.0
// What a budget makes of a Redis that fails.
#include "services/zoom-api/sending/redis_rate_budget.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

namespace asio = boost::asio;
using redis::Reply;
using shodan::testing::IsOk;
using Answer = std::function<absl::StatusOr<Reply>(const std::vector<std::string>&)>;

// Answers commands as scripted, and keeps them.
class ScriptedRedis final : public redis::Commands {
 public:
  explicit ScriptedRedis(Answer answer) : answer_(std::move(answer)) {}
  asio::awaitable<absl::StatusOr<Reply>> Execute(std::vector<std::string> arguments,
                                                 std::chrono::milliseconds) override {
    names.push_back(arguments.at(0));
    co_return answer_(arguments);
  }
  std::vector<std::string> names;

 private:
  Answer answer_;
};

Reply Text(Reply::Type type, const std::string& text) {
  Reply reply;
  reply.type = type;
  reply.text = text;
  return reply;
}

Reply Number(int64_t value) {
  Reply reply;
  reply.type = Reply::Type::kInteger;
  reply.integer = value;
  return reply;
}

// One slot, at once, by a clock that goes on.
Reply OneSlot() {
  const int64_t now = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now().time_since_epoch())
                          .count();
  Reply reply;
  reply.type = Reply::Type::kArray;
  reply.elements = {Number(now),
                    Number(0),
                    Number(0),
                    Text(Reply::Type::kString, "1"),
                    Text(Reply::Type::kString, "\1"),
                    Number(now)};
  return reply;
}

struct World {
  explicit World(Answer answer) : redis(std::move(answer)) {}

  absl::Status Take() {
    BudgetKey key;
    key.project_id = "demo";
    key.account_tag = "account";
    key.user_id = "u";
    auto taken =
        asio::co_spawn(io, budget.Take(std::move(key), Deadline::After(std::chrono::seconds(10))),
                       asio::use_future);
    while (taken.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    return taken.get().status();
  }
  ~World() {
    budget.Stop();
    io.run();
  }
  bool Alone() const {
    return metrics.Render().find("shodan_zoomapi_budget_fallbacks_total") != std::string::npos;
  }

  asio::io_context io;
  Metrics metrics;
  ScriptedRedis redis;
  RedisRateBudget budget{io.get_executor(), &redis, RateLimitsConfig(), metrics};
};

TEST_CASE("A script is loaded once, and again when Redis has forgotten it") {
  bool forgotten = false;
  World world([&](const std::vector<std::string>& command) -> absl::StatusOr<Reply> {
    if (command[0] == "SCRIPT") return Text(Reply::Type::kString, "abc");
    CHECK(command[1] == "abc");
    if (std::exchange(forgotten, false)) {
      return Text(Reply::Type::kError, "NOSCRIPT No matching script.");
    }
    return OneSlot();
  });
  CHECK_THAT(world.Take(), IsOk());
  CHECK_THAT(world.Take(), IsOk());
  // A slot that comes too late on a slow machine is asked for again.
  const auto loaded = [&] {
    return std::count(world.redis.names.begin(), world.redis.names.end(), "SCRIPT");
  };
  CHECK(world.redis.names.at(0) == "SCRIPT");
  CHECK(world.redis.names.at(1) == "EVALSHA");
  CHECK(loaded() == 1);
  forgotten = true;
  CHECK_THAT(world.Take(), IsOk());
  CHECK(loaded() == 2);
  CHECK(world.redis.names.back() == "EVALSHA");
  CHECK_FALSE(world.Alone());
}

TEST_CASE("Whatever Redis fails with, requests go on at this replica's part of the limit") {
  const auto failure = GENERATE(0, 1, 2, 3);
  CAPTURE(failure);
  World world([&](const std::vector<std::string>& command) -> absl::StatusOr<Reply> {
    if (failure == 0) return Unavailable("REDIS_UNAVAILABLE", "Redis is not available.");
    if (failure == 1) return DeadlineExceeded("REDIS_TIMEOUT", "Redis did not answer in time.");
    if (command[0] == "SCRIPT") return Text(Reply::Type::kString, "abc");
    if (failure == 2) return Text(Reply::Type::kError, "NOSCRIPT again");
    return Text(Reply::Type::kStatus, "OK");
  });
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) CHECK_THAT(world.Take(), IsOk());
  // Pro: 30 a second for 3 replicas; three spaces.
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(300));
  CHECK(world.Alone());
}

TEST_CASE("The shared schedule counts again as soon as Redis answers") {
  bool down = true;
  World world([&](const std::vector<std::string>& command) -> absl::StatusOr<Reply> {
    if (down) return Unavailable("REDIS_UNAVAILABLE", "Redis is not available.");
    if (command[0] == "SCRIPT") return Text(Reply::Type::kString, "abc");
    return OneSlot();
  });
  CHECK_THAT(world.Take(), IsOk());
  CHECK(world.Alone());
  down = false;
  CHECK_THAT(world.Take(), IsOk());
  CHECK(world.redis.names.back() == "EVALSHA");
}

}  // namespace
}  // namespace shodan::zoomapi
