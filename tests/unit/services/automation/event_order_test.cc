// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/event_order.h"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace shodan::automation {
namespace {

Time At(int seconds) { return Time(std::chrono::seconds(1'000 + seconds)); }

HeldEvent Held(const std::string& id, int seconds, bool due, int64_t receive_id = 0) {
  return {id, At(seconds), receive_id, due};
}

std::string TextOf(const std::vector<OrderedEvent>& events) {
  std::string text;
  for (const OrderedEvent& event : events) {
    if (!text.empty()) text += " ";
    text += event.webhook_id + (event.late ? "!" : "");
  }
  return text;
}

}  // namespace

TEST_CASE("What is due is told in the order in which it happened", "[webhooks]") {
  CHECK(TextOf(OrderEvents({Held("b", 2, true), Held("a", 1, true), Held("c", 3, true)},
                           std::nullopt)) == "a b c");
}

TEST_CASE("What happened before something due goes along; what happened after it waits",
          "[webhooks]") {
  CHECK(TextOf(OrderEvents({Held("c", 3, false), Held("b", 2, true), Held("a", 1, false)},
                           std::nullopt)) == "a b");
  CHECK(OrderEvents({Held("a", 1, false)}, std::nullopt).empty());
  CHECK(OrderEvents({}, At(1)).empty());
}

TEST_CASE("Of events at the same time the one that came first is first", "[webhooks]") {
  CHECK(TextOf(OrderEvents({Held("b", 1, true, 2), Held("a", 1, true, 1)}, std::nullopt)) == "a b");
}

TEST_CASE("What happened before something told already is late; at the same time it is not",
          "[webhooks]") {
  CHECK(TextOf(OrderEvents({Held("a", 1, true), Held("b", 2, true), Held("c", 3, true)}, At(2))) ==
        "a! b c");
}

// However events come in and whenever rounds take place, each is told once, and what is not marked
// late stands in order.
TEST_CASE("A thousand shuffled histories are told once each, and in order but for late ones",
          "[webhooks]") {
  std::mt19937 random(1);
  for (int round = 0; round < 1'000; ++round) {
    const int count = 1 + static_cast<int>(random() % 20);
    std::vector<HeldEvent> coming;
    for (int i = 0; i < count; ++i) {
      coming.push_back(Held(std::to_string(i), static_cast<int>(random() % 10), false, i));
    }
    std::shuffle(coming.begin(), coming.end(), random);
    std::vector<HeldEvent> held;
    std::vector<OrderedEvent> told;
    std::optional<Time> last;
    while (!coming.empty() || !held.empty()) {
      if (!coming.empty()) {
        held.push_back(coming.back());
        coming.pop_back();
      }
      for (HeldEvent& event : held) event.due = event.due || coming.empty() || random() % 3 == 0;
      for (const OrderedEvent& event : OrderEvents(held, last)) {
        std::erase_if(held,
                      [&](const HeldEvent& one) { return one.webhook_id == event.webhook_id; });
        CHECK(event.late == (last.has_value() && event.event_time < *last));
        last = std::max(last.value_or(event.event_time), event.event_time);
        told.push_back(event);
      }
    }
    std::vector<std::string> ids;
    for (const OrderedEvent& event : told) ids.push_back(event.webhook_id);
    std::sort(ids.begin(), ids.end());
    CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
    CHECK(ids.size() == static_cast<size_t>(count));
  }
}

}  // namespace shodan::automation
