// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/triggers/trigger_events.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/automation/fakes.h"

namespace shodan::automation {
namespace {

using testing::IsOk;

const LinkLife kLink{"demo", "ann", "link", 1};

struct World {
  FakeVault vault;
  FakeStore store;
  TriggerEvents events{vault, store};

  void Tell(int64_t sequence, size_t padding = 0, char key = 'l') {
    ReleasedEvent event;
    event.webhook_id = "0a1b2c3d-0000-4000-8000-" + std::to_string(100'000'000'000 + sequence);
    event.event = "meeting.created";
    event.link = kLink;
    event.sequence = sequence;
    event.sealed_body =
        SealForLink(Secret(std::string(32, key)), event.webhook_id, kLink,
                    Secret(R"({"event":"meeting.created","payload":{"x":")" +
                           std::string(padding, 'x') + R"(","object":{"id":1,"host_id":"h"}}})"));
    store.released.push_back(event);
  }
  absl::StatusOr<TriggerEventPage> List(int64_t after, int limit = 10) {
    return events.List("demo", "ann", after, limit, Deadline::After(std::chrono::seconds(1)));
  }
};

}  // namespace

TEST_CASE("Told events are opened, page by page", "[triggers]") {
  World world;
  for (int i = 1; i <= 3; ++i) world.Tell(i);
  const auto first = world.List(0, 2);
  REQUIRE_THAT(first, IsOk());
  CHECK(first->events.size() == 2);
  CHECK(first->position == 2);
  CHECK(first->events[0].content.meeting.meeting_id == "1");
  const auto second = world.List(2, 2);
  CHECK(second->events.size() == 1);
  CHECK(world.List(3)->position == 3);
  CHECK(world.List(3)->events.empty());
}

TEST_CASE("What is sealed under another key is left out and passed over", "[triggers]") {
  World world;
  world.Tell(1, 0, 'x');
  world.Tell(2);
  const auto page = world.List(0);
  REQUIRE_THAT(page, IsOk());
  CHECK(page->events.size() == 1);
  CHECK(page->position == 2);
}

TEST_CASE("A page of large events is shorter, and never empty", "[triggers]") {
  World world;
  world.Tell(1, 600'000);
  world.Tell(2, 300'000);
  world.Tell(3, 300'000);
  CHECK(world.List(0)->position == 1);
  CHECK(world.List(1)->position == 2);
  CHECK(world.List(2)->position == 3);
}

TEST_CASE("When the link's key is gone nothing is told", "[triggers]") {
  World world;
  world.Tell(1);
  world.vault.link_key_wiped = true;
  const auto page = world.List(0);
  REQUIRE_THAT(page, IsOk());
  CHECK(page->events.empty());
  CHECK(page->position == 0);
}

}  // namespace shodan::automation
