// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/account_budget.h"

#include <vector>

#include <catch2/catch.hpp>

#include "services/zoom-api/sending/budget_script.h"
#include "services/zoom-api/sending/redis_clock.h"

namespace shodan::zoomapi {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = AccountBudget::Time;
using Tickets = std::vector<AccountBudget::Ticket>;
using Turns = std::vector<AccountBudget::Turn>;

const Time kStart = Time() + std::chrono::hours(1);
const Time kNever = Time::max();

AccountBudget::Settings Settings(int64_t per_second = 100, int64_t per_day = 0) {
  AccountBudget::Settings settings;
  settings.pace = PaceOf({per_second, seconds(1), per_day, "light"}, 5);
  settings.replicas_expected = 2;
  return settings;
}

struct Budget {
  explicit Budget(const AccountBudget::Settings& settings = Settings()) : budget(settings) {}
  void Enter(int count, Time deadline = kNever) {
    for (int i = 0; i < count; ++i) {
      REQUIRE(budget.Enter(++tickets, "u", kStart, deadline) == FairQueue::Entry::kWaits);
    }
  }
  AccountBudget budget;
  AccountBudget::Ticket tickets = 0;
};

Time At(int ms) { return kStart + milliseconds(ms); }

TEST_CASE("Requests go when a reserved slot comes, and not before") {
  Budget world;
  world.Enter(2);
  CHECK(world.budget.Wanted(kStart) == 2);
  world.budget.Asked();
  CHECK(world.budget.Wanted(kStart) == 0);
  world.budget.Reserved({{At(10), 7}, {At(20)}}, kStart, 1);
  CHECK(world.budget.NextWake(kStart) == At(10));
  CHECK(world.budget.TakeDue(At(9)).go.empty());
  CHECK(world.budget.TakeDue(At(10)).go == Turns{{1, 7}});
  CHECK(world.budget.TakeDue(At(20)).go == Turns{{2, 0}});
  CHECK(world.budget.NextWake(At(20)) == kNever);
}

TEST_CASE("A slot that comes too late is lost, so that a stalled process sends no burst") {
  Budget world;
  world.Enter(3);
  world.budget.Asked();
  world.budget.Reserved({{At(10), 1}, {At(20), 2}, {At(30), 3}}, kStart, 1);
  const AccountBudget::Due due = world.budget.TakeDue(At(35));
  CHECK(due.lost == std::vector<int64_t>{1, 2});
  CHECK(due.go == Turns{{1, 3}});
  CHECK(world.budget.Wanted(At(35)) == 2);
}

TEST_CASE("The slot of one who left goes to the next") {
  Budget world;
  world.Enter(2);
  world.budget.Asked();
  world.budget.Reserved({{At(10), 1}}, At(100), 1);
  CHECK(world.budget.Leave(1));
  CHECK(world.budget.TakeDue(At(10)).go == Turns{{2, 1}});
}

TEST_CASE("During a pause nobody goes, and who cannot wait for its end is told at once") {
  Budget world;
  world.Enter(1, At(400));
  world.Enter(1, At(900));
  world.budget.Asked();
  world.budget.Reserved({{At(10), 1}, {At(600), 2}}, kStart, 1);
  world.budget.Pause(At(500));
  world.budget.Pause(At(200));
  const AccountBudget::Due due = world.budget.TakeDue(At(10));
  CHECK(due.go.empty());
  CHECK(due.expired == Tickets{1});
  CHECK(world.budget.Enter(9, "v", At(10), At(499)) == FairQueue::Entry::kTooLate);
  CHECK(world.budget.WaitOf("v", At(10)) >= milliseconds(490));
  CHECK(world.budget.Wanted(At(499)) == 0);
  CHECK(world.budget.TakeDue(At(600)).go == Turns{{2, 2}});
}

TEST_CASE("How long the others wait depends on this replica's share") {
  Budget world;
  world.Enter(10);
  world.budget.Reserved({}, At(20), 0.01);
  CHECK(world.budget.WaitOf("u", kStart) < milliseconds(2'000));
  for (int i = 0; i < 100; ++i) world.budget.Reserved({}, At(20), 0.5);
  CHECK(world.budget.WaitOf("u", kStart) >= milliseconds(200));
  CHECK(world.budget.WaitOf("u", kStart) < milliseconds(220));
  CHECK(world.budget.NextWake(kStart) == At(20));
}

TEST_CASE("Without Redis a replica lets go its part of the limit, one by one") {
  Budget world;
  world.Enter(100);
  size_t gone = 0;
  for (int ms = 0; ms < 1'000; ++ms) {
    if (world.budget.Wanted(At(ms)) > 0) {
      world.budget.Asked();
      world.budget.ReserveAlone(At(ms));
    }
    const AccountBudget::Due due = world.budget.TakeDue(At(ms));
    CHECK(due.go.size() <= 1);
    gone += due.go.size();
  }
  CHECK(gone >= 46);
  CHECK(gone <= 50);
}

TEST_CASE("Without Redis a replica has its part of the day's requests, and no more") {
  Budget world(Settings(100, 20));
  world.Enter(100);
  size_t gone = 0;
  for (int ms = 0; ms < 2'000; ++ms) {
    if (world.budget.Wanted(At(ms)) > 0) world.budget.ReserveAlone(At(ms));
    gone += world.budget.TakeDue(At(ms)).go.size();
  }
  CHECK(gone == 9);
}

TEST_CASE("The fastest answers tell where Redis' clock stands") {
  RedisClock clock;
  clock.Told(1'000'000, kStart + microseconds(1'000'000) + milliseconds(30));
  clock.Told(2'000'000, kStart + microseconds(2'000'000) + milliseconds(2));
  clock.Told(3'000'000, kStart + microseconds(3'000'000) + milliseconds(40));
  CHECK(clock.Local(4'000'000) - (kStart + microseconds(4'000'000)) < milliseconds(4));
  CHECK(clock.Local(clock.Remote(At(7))) == At(7));
  // Set back by a minute.
  clock.Told(0, kStart + microseconds(60'000'000));
  CHECK(clock.Local(0) == kStart + microseconds(60'000'000));
}

redis::Reply Number(int64_t value) {
  redis::Reply reply;
  reply.type = redis::Reply::Type::kInteger;
  reply.integer = value;
  return reply;
}

redis::Reply Text(const char* value) {
  redis::Reply reply;
  reply.type = redis::Reply::Type::kString;
  reply.text = value;
  return reply;
}

TEST_CASE("Whatever is no answer of the script is none") {
  redis::Reply reply;
  reply.type = redis::Reply::Type::kArray;
  reply.elements = {Number(7), Number(0), Number(25), Text("0.25"), Text("\1\2"), Number(9)};
  const auto made = ParseReservation(reply);
  REQUIRE(made.has_value());
  CHECK(made->share == 0.25);
  CHECK(made->slots == std::vector<int64_t>{9});
  CHECK(made->ask_again == microseconds(25));

  reply.elements[1] = Number(3);
  CHECK_FALSE(ParseReservation(reply).has_value());
  reply.elements[1] = Text("0");
  CHECK_FALSE(ParseReservation(reply).has_value());
  reply.elements.resize(4);
  CHECK_FALSE(ParseReservation(reply).has_value());
  CHECK_FALSE(ParseReservation(Number(1)).has_value());
}

}  // namespace
}  // namespace shodan::zoomapi
