// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/fair_queue.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan::zoomapi {
namespace {

using std::chrono::milliseconds;
using Entry = FairQueue::Entry;
using Time = FairQueue::Time;

const Time kStart = Time() + std::chrono::hours(1);
const Time kNever = Time::max();
constexpr milliseconds kInterval{10};

// A queue whose tickets name their users.
struct Queue {
  explicit Queue(FairQueue::Bounds bounds = {}) : queue(bounds) {}

  Entry Enter(const std::string& user, Time deadline = kNever) {
    const Entry entry = queue.Enter(tickets.size(), user, deadline, kStart, kInterval);
    tickets.push_back(user);
    return entry;
  }
  void EnterMany(const std::string& user, int count) {
    for (int i = 0; i < count; ++i) REQUIRE(Enter(user) == Entry::kWaits);
  }
  std::string Order(int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      const auto ticket = queue.Next();
      if (!ticket.has_value()) break;
      order += tickets.at(*ticket);
    }
    return order;
  }

  FairQueue queue;
  std::vector<std::string> tickets;
};

TEST_CASE("Users take turns, however many requests each has waiting") {
  Queue queue;
  queue.EnterMany("a", 4);
  queue.EnterMany("b", 2);
  queue.EnterMany("c", 1);
  CHECK(queue.Order(10) == "abcabaa");
  CHECK(queue.queue.waiting() == 0);
  CHECK_FALSE(queue.queue.Next().has_value());
}

TEST_CASE("A user's own requests keep their order") {
  Queue queue;
  queue.EnterMany("a", 3);
  CHECK(queue.queue.Next() == 0U);
  CHECK(queue.queue.Next() == 1U);
  CHECK(queue.queue.Next() == 2U);
}

TEST_CASE("Who was away has saved up nothing") {
  Queue queue;
  queue.EnterMany("a", 10);
  CHECK(queue.Order(5) == "aaaaa");
  queue.EnterMany("b", 5);
  CHECK(queue.Order(6) == "bababa");
}

TEST_CASE("Coming back at once with one request at a time gains nothing") {
  Queue queue;
  queue.EnterMany("b", 10);
  queue.EnterMany("c", 10);
  queue.EnterMany("a", 1);
  std::string order;
  for (int i = 0; i < 12; ++i) {
    const std::string served = queue.Order(1);
    if (served == "a") queue.EnterMany("a", 1);
    order += served;
  }
  CHECK(std::count(order.begin(), order.end(), 'a') == 4);
}

TEST_CASE("A user who waits at three places has a third of the turns here") {
  Queue queue;
  queue.EnterMany("a", 20);
  queue.EnterMany("b", 20);
  queue.queue.SetPlaces("a", 3);
  const std::string order = queue.Order(16);
  CHECK(std::count(order.begin(), order.end(), 'a') == 4);
}

TEST_CASE("Who leaves gives the turn to the next") {
  Queue queue;
  queue.EnterMany("a", 2);
  queue.EnterMany("b", 1);
  CHECK(queue.queue.Leave(0));
  CHECK_FALSE(queue.queue.Leave(0));
  CHECK(queue.Order(3) == "ab");
  CHECK(queue.queue.users() == 0);
}

TEST_CASE("The queue is bounded for each user and in all") {
  Queue queue({.per_user = 2, .total = 3});
  queue.EnterMany("a", 2);
  CHECK(queue.Enter("a") == Entry::kUserFull);
  CHECK(queue.Enter("b") == Entry::kWaits);
  CHECK(queue.Enter("c") == Entry::kFull);
  CHECK(queue.queue.waiting() == 3);
}

TEST_CASE("A request whose turn would come after its deadline is refused at once") {
  Queue queue;
  queue.EnterMany("greedy", 50);
  // One other user: the first turn is the second in all, the tenth the twentieth.
  CHECK(queue.Enter("b", kStart + milliseconds(9)) == Entry::kTooLate);
  CHECK(queue.Enter("b", kStart + milliseconds(10)) == Entry::kWaits);
  CHECK(queue.Enter("greedy", kStart + milliseconds(500)) == Entry::kTooLate);
  CHECK(queue.Enter("greedy", kStart + milliseconds(510)) == Entry::kWaits);
  CHECK(queue.queue.TurnOf("new", kStart, kInterval) == kStart + milliseconds(20));
}

TEST_CASE("Deadlines that have passed come out first to last") {
  Queue queue;
  REQUIRE(queue.Enter("a", kStart + milliseconds(30)) == Entry::kWaits);
  REQUIRE(queue.Enter("b", kStart + milliseconds(20)) == Entry::kWaits);
  CHECK(queue.queue.EarliestDeadline() == kStart + milliseconds(20));
  CHECK_FALSE(queue.queue.NextExpired(kStart + milliseconds(19)).has_value());
  CHECK(queue.queue.NextExpired(kStart + milliseconds(40)) == 1U);
  CHECK(queue.queue.NextExpired(kStart + milliseconds(40)) == 0U);
  CHECK(queue.queue.waiting() == 0);
  CHECK_FALSE(queue.queue.EarliestDeadline().has_value());
}

// Fifty users, three replicas that each get slots in proportion to their users: the way in which
// the shared schedule deals them out, with a clock of its own.
TEST_CASE("Over replicas with few and many users, nobody is below nine tenths of the fair share") {
  constexpr int kUsers = 50;
  std::mt19937 random(7);
  std::vector<Queue> replicas(3);
  std::vector<double> served(3, 0);
  std::vector<int> shares(kUsers, 0);
  // Users 0 to 4 are greedy; the first replica has five users, the last one thirty.
  const auto home = [](int user) { return user < 5 ? 0U : user < 20 ? 1U : 2U; };
  const auto name = [](int user) { return std::to_string(user); };
  const auto refill = [&](int user) {
    replicas[home(user)].EnterMany(name(user), user < 5 || user % 10 == 0 ? 3 : 1);
  };
  for (int user = 0; user < kUsers; ++user) refill(user);
  constexpr int kSlots = 20'000;
  for (int slot = 0; slot < kSlots; ++slot) {
    size_t chosen = 0;
    for (size_t i = 1; i < replicas.size(); ++i) {
      if (served[i] < served[chosen]) chosen = i;
    }
    served[chosen] += 1.0 / static_cast<double>(replicas[chosen].queue.users());
    const auto ticket = replicas[chosen].queue.Next();
    REQUIRE(ticket.has_value());
    const int user = std::stoi(replicas[chosen].tickets.at(*ticket));
    ++shares[static_cast<size_t>(user)];
    // The user comes back, the greedy ones with more than was answered now and then.
    replicas[home(user)].EnterMany(name(user), user < 5 && random() % 50 == 0 ? 2 : 1);
  }
  const double fair = static_cast<double>(kSlots) / kUsers;
  CHECK(*std::min_element(shares.begin(), shares.end()) > 0.9 * fair);
  CHECK(*std::max_element(shares.begin(), shares.end()) < 1.1 * fair);
}

}  // namespace
}  // namespace shodan::zoomapi
