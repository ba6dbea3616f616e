// SPDX-License-Identifier: Apache-2.0
// The shared buckets in a real Redis.
#include "services/gateway/rate_limit/rate_limiter.h"

#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "libs/redis/client.h"
#include "tests/integration/libs/redis/test_redis.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;

// One replica of the gateway, as far as limits go.
class Replica {
 public:
  Replica() : client_(io_.get_executor(), testing::PlainRedis()), limiter_(&client_, metrics_) {
    thread_ = std::thread([this] { io_.run(); });
    while (!client_.connected()) std::this_thread::yield();
  }
  ~Replica() {
    io_.stop();
    thread_.join();
  }

  RateDecision Take(std::vector<RateLimit> limits) {
    return asio::co_spawn(io_, limiter_.Take(std::move(limits)), asio::use_future).get();
  }
  // A stalled machine may make Redis answer too late; then this process decides, and says so.
  bool DecidedAlone() const {
    return metrics_.Render().find("rate_limit_fallbacks_total") != std::string::npos;
  }

 private:
  asio::io_context io_;
  Metrics metrics_;
  redis::Client client_;
  RateLimiter limiter_;
  std::thread thread_;
};

TEST_CASE("Replicas share a limit, and a refusal says when to come back") {
  Replica first;
  Replica second;
  const std::string key = "test:" + RandomUuid();
  for (int i = 0; i < 3; ++i) {
    CHECK(first.Take({{key, 6}}).allowed);
    CHECK(second.Take({{key, 6}}).allowed);
  }
  const RateDecision refused = second.Take({{key, 6}});
  if (first.DecidedAlone() || second.DecidedAlone()) return;

  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after > std::chrono::milliseconds(0));
  CHECK(refused.retry_after <= std::chrono::seconds(10));
  CHECK_FALSE(first.Take({{key, 6}}).allowed);
}

TEST_CASE("A request that one limit refuses takes nothing of the others") {
  Replica replica;
  const std::string narrow = "test:" + RandomUuid();
  const std::string wide = "test:" + RandomUuid();
  CHECK(replica.Take({{narrow, 1}}).allowed);
  CHECK_FALSE(replica.Take({{wide, 1}, {narrow, 1}}).allowed);

  CHECK(replica.Take({{wide, 1}}).allowed);
}

TEST_CASE("Buckets fill again with time and do not stay in Redis for ever") {
  Replica replica;
  const std::string key = "test:" + RandomUuid();
  // 60,000 a minute are one each millisecond.
  int allowed = 0;
  for (int i = 0; i < 500; ++i) allowed += replica.Take({{key, 60'000}}).allowed ? 1 : 0;
  CHECK(allowed == 500);

  asio::io_context io;
  redis::Client client(io.get_executor(), testing::PlainRedis());
  std::thread thread([&io] { io.run(); });
  while (!client.connected()) std::this_thread::yield();
  const auto left =
      asio::co_spawn(io, client.Execute({"PTTL", "shodan:rate:" + key}, std::chrono::seconds(10)),
                     asio::use_future)
          .get();
  io.stop();
  thread.join();
  REQUIRE(left.ok());
  CHECK((replica.DecidedAlone() || (left->integer > 0 && left->integer <= 61'000)));
}

}  // namespace
}  // namespace shodan::gateway
