// SPDX-License-Identifier: Apache-2.0
// Budgets that several replicas share in a real Redis.
#include "services/zoom-api/sending/redis_rate_budget.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/zoom-api/sending/budget_script.h"
#include "tests/integration/libs/redis/test_redis.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

namespace asio = boost::asio;
using shodan::testing::IsError;
using shodan::testing::IsOk;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Steady = std::chrono::steady_clock;

Deadline Later() { return Deadline::After(seconds(30)); }

RateLimitsConfig LightRequests(int64_t per_second, int64_t per_day = 0) {
  RateLimitsConfig config;
  config.overrides[RateCategory::kLight] = {per_second, per_day};
  return config;
}

BudgetKey KeyOf(const std::string& account, const std::string& user) {
  BudgetKey key;
  key.project_id = "demo";
  key.account_tag = account;
  key.user_id = user;
  return key;
}

// One process with a connection of its own.
class Replica {
 public:
  explicit Replica(RateLimitsConfig config, bool with_redis = true)
      : client_(io_.get_executor(), shodan::testing::PlainRedis()),
        budget_(io_.get_executor(), with_redis ? &client_ : nullptr, std::move(config), metrics_) {
    thread_ = std::thread([this] { io_.run(); });
    while (!client_.connected()) std::this_thread::yield();
  }
  ~Replica() {
    budget_.Stop();
    client_.Stop();
    thread_.join();
  }

  absl::Status Take(const BudgetKey& key, Deadline deadline = Later()) {
    return asio::co_spawn(io_, budget_.Take(key, deadline), asio::use_future).get().status();
  }
  redis::Reply Run(ScriptCall call) {
    std::vector<std::string> arguments{"EVAL", std::string(call.script)};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    auto reply =
        asio::co_spawn(io_, client_.Execute(std::move(arguments), seconds(5)), asio::use_future)
            .get();
    REQUIRE_THAT(reply, IsOk());
    INFO(reply->text);
    REQUIRE(reply->type != redis::Reply::Type::kError);
    return *std::move(reply);
  }
  std::optional<Reservation> Reserve(const ReserveRequest& request) {
    return ParseReservation(Run(ReserveSlots(request)));
  }
  // A stalled machine may make Redis answer too late; then this process decides, and says so.
  bool DecidedAlone() const {
    return metrics_.Render().find("budget_fallbacks_total") != std::string::npos;
  }
  asio::io_context& io() { return io_; }
  RedisRateBudget& budget() { return budget_; }

 private:
  asio::io_context io_;
  Metrics metrics_;
  redis::Client client_;
  RedisRateBudget budget_;
  std::thread thread_;
};

ReserveRequest RequestOf(const std::string& account, const std::string& replica, int64_t wanted) {
  ReserveRequest request;
  request.budget_key = "zoomapi:budget:{" + account + "}:light";
  request.daily_key = "zoomapi:budget:{" + account + "}:day:light";
  request.replica = replica;
  request.spacing = microseconds(10'000);
  request.ahead = microseconds(100'000);
  request.wanted = wanted;
  request.users = 1;
  request.holds_key = request.budget_key + ":holds";
  request.limit = 1'000'000;
  request.hold = seconds(2);
  return request;
}

TEST_CASE("Slots are spaced evenly, whichever replica gets them, and not far ahead") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  std::vector<int64_t> slots;
  int64_t now = 0;
  for (int i = 0; i < 200; ++i) {
    const auto made =
        redis.Reserve(RequestOf(account, std::string(1, static_cast<char>('a' + i % 3)), 4));
    REQUIRE(made.has_value());
    now = made->now;
    slots.insert(slots.end(), made->slots.begin(), made->slots.end());
    if (made->slots.size() < 4) CHECK(made->ask_again > microseconds(0));
    REQUIRE(slots.back() < now + 100'000);
  }
  REQUIRE(slots.size() >= 10);
  REQUIRE(std::is_sorted(slots.begin(), slots.end()));
  for (size_t i = 1; i < slots.size(); ++i) REQUIRE(slots[i] - slots[i - 1] >= 10'000);
}

TEST_CASE("Replicas get slots in proportion to the users who wait there") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  const std::map<std::string, int64_t> users = {{"few", 2}, {"some", 10}, {"many", 38}};
  std::map<std::string, size_t> got;
  size_t total = 0;
  int rounds = 0;
  while (total < 1'000) {
    for (const auto& [replica, waiting] : users) {
      ReserveRequest request = RequestOf(account, replica, 64);
      request.spacing = microseconds(500);
      request.users = waiting;
      const auto made = redis.Reserve(request);
      REQUIRE(made.has_value());
      // Who came first had all there was.
      if (++rounds <= 30) continue;
      got[replica] += made->slots.size();
      total += made->slots.size();
    }
  }
  for (const auto& [replica, waiting] : users) {
    const double fair = static_cast<double>(total) * static_cast<double>(waiting) / 50;
    INFO(replica << " got " << got[replica] << " of " << total << ", fair: " << fair);
    CHECK(static_cast<double>(got[replica]) > 0.7 * fair);
    CHECK(static_cast<double>(got[replica]) < 1.4 * fair);
  }
}

TEST_CASE("A user who waits at several replicas counts as one") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  ReserveRequest one = RequestOf(account, "one", 1);
  one.users = 2;
  one.sample = "everyoneonlyhere";
  REQUIRE(redis.Reserve(one).has_value());
  ReserveRequest two = RequestOf(account, "two", 1);
  two.sample = "everyone";
  const auto made = redis.Reserve(two);
  REQUIRE(made.has_value());
  CHECK(made->places == "\2");
  CHECK(made->share == Approx(0.25));
  CHECK(redis.Reserve(one)->places == "\2\1");
}

TEST_CASE("A replica that wants more and does not come back costs the others nothing") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  ReserveRequest gone = RequestOf(account, "gone", 64);
  gone.users = 1'000;
  REQUIRE(redis.Reserve(gone).has_value());
  int64_t first = 0;
  int64_t last = 0;
  int64_t slots = 0;
  while (slots < 100) {
    const auto made = redis.Reserve(RequestOf(account, "here", 8));
    REQUIRE(made.has_value());
    if (made->slots.empty()) continue;
    if (first == 0) first = made->slots.front();
    slots += static_cast<int64_t>(made->slots.size());
    last = made->slots.back();
  }
  // No slot of the schedule was skipped for long: 99 spaces of 10 ms.
  CHECK(last - first < 1'500'000);
}

TEST_CASE("The day's requests are counted for all, under the name that categories share") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  ReserveRequest request = RequestOf(account, "a", 6);
  request.per_day = 8;
  CHECK(redis.Reserve(request)->slots.size() == 6);
  request.replica = "b";
  request.budget_key += "2";
  CHECK(redis.Reserve(request)->slots.size() == 2);
  const auto refused = redis.Reserve(request);
  CHECK(refused->kind == Reservation::Kind::kDayUsedUp);
  CHECK(refused->ask_again <= std::chrono::hours(24));
  CHECK(refused->slots.empty());
}

TEST_CASE(
    "After a pause that one replica shares, nobody gets a slot; a shorter one changes nothing") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  const ReserveRequest request = RequestOf(account, "a", 1);
  redis.Run(PauseBudget(request.budget_key, seconds(60)));
  redis.Run(PauseBudget(request.budget_key, milliseconds(1)));
  const auto made = redis.Reserve(request);
  CHECK(made->kind == Reservation::Kind::kPaused);
  CHECK(made->ask_again > seconds(50));
}

TEST_CASE("A schedule that Redis lost goes on behind the slots that are out") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  ReserveRequest request = RequestOf(account, "a", 8);
  const auto before = redis.Reserve(request);
  request.known = before->slots.back() + 10'000;
  redis.Run({"return redis.call('DEL', KEYS[1])", {"1", request.budget_key}});
  const auto after = redis.Reserve(request);
  REQUIRE(before->slots.size() == 8);
  if (!after->slots.empty()) CHECK(after->slots.front() >= request.known);
  CHECK(after->slots.size() <= 1);
}

TEST_CASE("No more slots are held than the limit: the next one is when the first of them is free") {
  Replica redis(LightRequests(100));
  const std::string account = RandomUuid();
  ReserveRequest request = RequestOf(account, "a", 8);
  request.limit = 8;
  const auto first = redis.Reserve(request);
  REQUIRE(first->slots.size() == 8);
  CHECK(redis.Reserve(request)->slots.empty());

  // Two have their answers: one soon free, one not used at all.
  const int64_t free = first->slots[7] + 5'000;
  request.reports = {{first->slots[0], free}, {first->slots[1], 0}};
  request.ahead = seconds(1);
  const auto second = redis.Reserve(request);
  REQUIRE(second->slots.size() == 2);
  CHECK(second->slots[0] >= first->slots[7] + 10'000);
  CHECK(second->slots[1] >= free);
  request.reports.clear();
  const auto third = redis.Reserve(request);
  CHECK(third->slots.empty());
  // A report may change that at any moment.
  CHECK(third->ask_again <= milliseconds(250));
}

TEST_CASE("A report of a slot that is free already brings no hold back") {
  Replica redis(LightRequests(100));
  ReserveRequest request = RequestOf(RandomUuid(), "a", 1);
  request.limit = 1;
  request.reports = {{1'000, 4'000'000'000'000'000}};
  CHECK(redis.Reserve(request)->slots.size() == 1);
}

// Takes again and again for one user, `at_once` at a time, until told to stop.
struct Shares {
  std::mutex mutex;
  std::map<std::string, int> taken;
  std::vector<Steady::time_point> times;
  std::atomic<bool> stop{false};
  std::atomic<int> running{0};
  int errors = 0;
};

asio::awaitable<void> TakeOn(RedisRateBudget& budget, BudgetKey key, Shares& shares) {
  while (!shares.stop) {
    auto take = budget.Take(key, Later());
    const absl::StatusOr<HeldSlot> slot = co_await std::move(take);
    const std::lock_guard lock(shares.mutex);
    shares.errors += slot.ok() ? 0 : 1;
    ++shares.taken[key.user_id];
    shares.times.push_back(Steady::now());
    if (shares.times.size() >= 600) shares.stop = true;
  }
  --shares.running;
}

TEST_CASE(
    "Fifty users over three replicas: the limit is kept and used, and everybody has a share") {
  const RateLimitsConfig config = LightRequests(200);
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < 3; ++i) replicas.push_back(std::make_unique<Replica>(config));
  const std::string account = RandomUuid();
  Shares shares;
  const Steady::time_point began = Steady::now();
  for (int user = 0; user < 50; ++user) {
    // Five are greedy and wait everywhere; the others at one replica each, few at the first.
    const bool greedy = user < 5;
    for (size_t i = 0; i < replicas.size(); ++i) {
      const bool here = greedy || i == (user < 10 ? 0U : user < 20 ? 1U : 2U);
      for (int n = 0; here && n < (greedy ? 8 : 2); ++n) {
        ++shares.running;
        asio::co_spawn(replicas[i]->io(),
                       TakeOn(replicas[i]->budget(), KeyOf(account, std::to_string(user)), shares),
                       asio::detached);
      }
    }
  }
  while (shares.running > 0) std::this_thread::yield();

  CHECK(shares.errors == 0);
  const bool alone = std::any_of(replicas.begin(), replicas.end(),
                                 [](const auto& replica) { return replica->DecidedAlone(); });
  if (alone) return;
  const double elapsed = std::chrono::duration<double>(shares.times.at(599) - began).count();
  CHECK(600 / elapsed <= 200);
  int least = 1'000;
  for (const auto& [user, taken] : shares.taken) least = std::min(least, taken);
  INFO(600 / elapsed << " a second, the smallest share is " << least << " of 12");
  CHECK(shares.taken.size() == 50);
  CHECK(least >= 6);
}

TEST_CASE("A turn that would come after the deadline is refused at once, and told when to come") {
  RateLimitsConfig config = LightRequests(1);
  Replica replica(config);
  const std::string account = RandomUuid();
  REQUIRE_THAT(replica.Take(KeyOf(account, "u")), IsOk());
  replica.budget().Pause(KeyOf(account, "u"), seconds(5));
  const Steady::time_point began = Steady::now();
  const absl::Status refused =
      replica.Take(KeyOf(account, "u"), Deadline::After(milliseconds(4'000)));
  CHECK(Steady::now() - began < milliseconds(3'500));
  CHECK_THAT(refused, IsError(absl::StatusCode::kResourceExhausted, "ZOOM_RATE_LIMITED"));
  CHECK(RetryAfterOf(refused).value_or(milliseconds(0)) > milliseconds(1'000));
}

TEST_CASE("A pause of one replica holds the others") {
  Replica first(LightRequests(100));
  Replica second(LightRequests(100));
  const std::string account = RandomUuid();
  first.budget().Pause(KeyOf(account, "u"), seconds(60));
  // Refused here as soon as the pause is in Redis.
  absl::Status status;
  do {
    status = second.Take(KeyOf(account, "u"), Deadline::After(seconds(20)));
  } while (status.ok());
  CHECK_THAT(status, IsError(absl::StatusCode::kResourceExhausted, "ZOOM_RATE_LIMITED"));
}

TEST_CASE("Who gives up is told, and the next one goes") {
  Replica replica(LightRequests(2));
  const std::string account = RandomUuid();
  REQUIRE_THAT(replica.Take(KeyOf(account, "u")), IsOk());
  asio::cancellation_signal signal;
  auto waiting = asio::co_spawn(replica.io(), replica.budget().Take(KeyOf(account, "u"), Later()),
                                asio::bind_cancellation_slot(signal.slot(), asio::use_future));
  asio::post(replica.io(), [&signal] { signal.emit(asio::cancellation_type::terminal); });
  CHECK_THAT(waiting.get().status(), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  CHECK_THAT(replica.Take(KeyOf(account, "u")), IsOk());
}

TEST_CASE("Without Redis requests go at this replica's part of the limit") {
  RateLimitsConfig config = LightRequests(60);
  config.replicas_expected = 2;
  Replica replica(config, false);
  const std::string account = RandomUuid();
  const Steady::time_point began = Steady::now();
  for (int i = 0; i < 11; ++i) REQUIRE_THAT(replica.Take(KeyOf(account, "u")), IsOk());
  // Ten spaces of a thirtieth of a second.
  CHECK(Steady::now() - began >= milliseconds(333));
}

TEST_CASE("All that wait are let go when the budget ends") {
  Replica replica(LightRequests(1));
  const std::string account = RandomUuid();
  REQUIRE_THAT(replica.Take(KeyOf(account, "u")), IsOk());
  auto waiting = asio::co_spawn(replica.io(), replica.budget().Take(KeyOf(account, "u"), Later()),
                                asio::use_future);
  asio::post(replica.io(), [&replica] { replica.budget().Stop(); });
  const absl::Status ended = waiting.get().status();
  if (!ended.ok()) CHECK_THAT(ended, IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK_THAT(replica.Take(KeyOf(account, "u")),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
}

}  // namespace
}  // namespace shodan::zoomapi
