// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/inbox_reader.h"

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/automation/fakes.h"

namespace shodan::automation {
namespace {

using testing::IsOk;

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-000000000001";
constexpr char kCreated[] =
    R"({"event":"meeting.created","event_ts":5000,"payload":{"account_id":"acc","object":{"id":1,"host_id":"host"}}})";
const LinkLife kLink{"demo", "ann", "link", 1};

struct World {
  FakeVault vault;
  FakeStore store;
  FakeAccountLinks account_links;
  Logger log{"test", LogLevel::kError, open("/dev/null", O_WRONLY | O_CLOEXEC)};
  Metrics metrics;
  InboxReader reader{{store, vault, account_links, log, metrics}, {}};

  World() { vault.links[{"demo", "acc", "host"}] = kLink; }

  // What becomes of a body, as the store is told.
  std::string Read(const std::string& body, int attempts = 1) {
    ClaimedWebhook claimed;
    claimed.webhook_id = kId;
    claimed.project_id = "demo";
    claimed.inbox_key_id = kInboxKeyId;
    claimed.sealed_body = SealInInbox(Secret(kInboxKeyText), kId, "demo", Secret(body));
    claimed.received_at = Time(std::chrono::seconds(9));
    claimed.attempts = attempts;
    store.to_claim = {claimed};
    const auto read = reader.RunOnce(Deadline::After(std::chrono::seconds(1)));
    REQUIRE_THAT(read, IsOk());
    CHECK(*read == 1);
    return store.done.back();
  }
};

}  // namespace

TEST_CASE("An event of a connected user is sealed for the link and held", "[webhooks]") {
  World world;
  CHECK(world.Read(kCreated) == "held meeting.created");
  const ReadWebhook& held = world.store.held.at(0);
  CHECK(held.link == kLink);
  CHECK(held.event_time == Time(std::chrono::seconds(5)));
  const auto opened = OpenForLink(Secret(kLinkKeyText), kId, kLink, held.sealed_body);
  REQUIRE_THAT(opened, IsOk());
  CHECK(opened->Expose(SecretAccess::ForTest()) == kCreated);
}

TEST_CASE("An event without a time happened when it came", "[webhooks]") {
  World world;
  world.Read(
      R"({"event":"meeting.ended","payload":{"account_id":"acc","object":{"id":"1","host_id":"host"}}})");
  CHECK(world.store.held.at(0).event_time == Time(std::chrono::seconds(9)));
}

TEST_CASE("What concerns nobody here, or is no trigger, is settled", "[webhooks]") {
  World world;
  CHECK(
      world.Read(
          R"({"event":"meeting.created","payload":{"account_id":"acc","object":{"id":1,"host_id":"stranger"}}})") ==
      "settled meeting.created NOT_CONNECTED");
  CHECK(
      world.Read(
          R"({"event":"meeting.created","payload":{"account_id":"other","object":{"id":1,"host_id":"host"}}})") ==
      "settled meeting.created NOT_CONNECTED");
  CHECK(world.Read(R"({"event":"meeting.started","payload":{}})") ==
        "settled meeting.started NOT_A_TRIGGER");
  world.vault.link_key_wiped = true;
  CHECK(world.Read(kCreated) == "settled meeting.created NOT_CONNECTED");
}

TEST_CASE("A removed app ends the link before the webhook is settled", "[webhooks]") {
  World world;
  constexpr char kBody[] =
      R"({"event":"app_deauthorized","payload":{"account_id":"acc","user_id":"host","deauthorization_time":"2019-06-17T13:52:28Z"}})";
  world.account_links.failure = Unavailable("ACCOUNT_LINK_UNAVAILABLE", "x");
  CHECK(world.Read(kBody) == "retried after 1000 uncounted");
  world.account_links.failure = absl::OkStatus();
  CHECK(world.Read(kBody) == "settled app_deauthorized DEAUTHORIZATION");
  REQUIRE(world.account_links.calls.size() == 1);
  CHECK(world.account_links.calls[0].first == "demo");
  CHECK(world.account_links.calls[0].second.zoom_account_id == "acc");
  CHECK(world.account_links.calls[0].second.zoom_user_id == "host");
}

TEST_CASE("What cannot be read is parked with a reason", "[webhooks]") {
  World world;
  CHECK(world.Read("not JSON") == "parked  WEBHOOK_MALFORMED");
  CHECK(world.Read(R"({"event":"meeting.created","payload":{"object":{}}})") ==
        "parked meeting.created WEBHOOK_MALFORMED");
  CHECK(world.Read(kCreated, 9) == "parked  ATTEMPTS_EXHAUSTED");
}

TEST_CASE("While the vault is away a webhook waits; when its key is gone it is settled",
          "[webhooks]") {
  World world;
  world.vault.failure = Unavailable("VAULT_UNAVAILABLE", "x");
  CHECK(world.Read(kCreated, 8) == "retried after 1000 uncounted");
  world.vault.failure = absl::OkStatus();
  world.vault.inbox_key_destroyed = true;
  CHECK(world.Read(kCreated) == "settled  KEY_DESTROYED");
}

TEST_CASE("A link that is changing just now is asked for again", "[webhooks]") {
  World world;
  world.vault.link_key_generation = 2;
  CHECK(world.Read(kCreated) == "retried after 1000 uncounted");
}

}  // namespace shodan::automation
