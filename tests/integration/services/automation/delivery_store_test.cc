// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "libs/postgres/migrator.h"
#include "services/automation/storage/migrations.h"
#include "services/automation/storage/postgres_delivery_store.h"
#include "services/automation/storage/postgres_endpoint_store.h"
#include "services/automation/storage/postgres_link_watch_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using shodan::testing::TestDeadline;
using Kind = AttemptEnd::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLease = std::chrono::seconds(60);
const Actor kAdmin{"admin:noa", "spiffe://gateway", "request"};
const std::string kHolder = "0a1b2c3d-0000-4000-8000-000000000001";
const std::string kOther = "0a1b2c3d-0000-4000-8000-000000000002";
const EndpointRules kRules;

class Deliveries : public shodan::testing::PostgresFixture {
 public:
  Deliveries() {
    const absl::Status migrated = postgres::Migrate(Settings(), Migrations(), TestDeadline());
    INFO(migrated.ToString());
    REQUIRE(migrated.ok());
    pool = NewPool(16);
    endpoints = std::make_unique<PostgresEndpointStore>(*pool);
    store = std::make_unique<PostgresDeliveryStore>(*pool);
    watches = std::make_unique<PostgresLinkWatchStore>(*pool);
  }

  std::string NewEndpoint(const std::vector<std::string>& types = {"link.connected"}) const {
    automation::NewEndpoint endpoint;
    endpoint.project_id = "demo";
    endpoint.endpoint_id = RandomUuid();
    endpoint.url = "https://crm.example/hook";
    endpoint.event_types = types;
    endpoint.secret = {RandomUuid(), "sealed"};
    const auto made = endpoints->Insert(endpoint, 20, kAdmin, TestDeadline());
    INFO(made.status().ToString());
    REQUIRE(made.ok());
    return endpoint.endpoint_id;
  }
  void Enqueue(const std::string& endpoint_id, int count = 1) const {
    Run("INSERT INTO deliveries (endpoint_id, message_id, event_type, payload) SELECT '" +
        endpoint_id + "', gen_random_uuid(), 'link.connected', '{}' FROM generate_series(1, " +
        std::to_string(count) + ")");
  }
  std::optional<ClaimedDelivery> Claim(const EndpointRules& rules = kRules) const {
    auto claimed = store->Claim(rules, kLease, TestDeadline());
    INFO(claimed.status().ToString());
    REQUIRE(claimed.ok());
    return *std::move(claimed);
  }
  ClaimedDelivery ClaimOne() const {
    auto claimed = Claim();
    REQUIRE(claimed.has_value());
    return *std::move(claimed);
  }
  void Finish(const ClaimedDelivery& claimed, Kind kind, const std::string& answer = "5xx",
              const EndpointRules& rules = kRules) const {
    const AttemptEnd end{.kind = kind, .delay = seconds(5), .answer = answer};
    CHECK_THAT(store->Finish(claimed, end, rules, TestDeadline()), IsOk());
  }
  std::string State(const std::string& delivery_id) const {
    return Query(
        "SELECT state || ' ' || attempts || ' ' || last_answer AS value FROM deliveries "
        "WHERE delivery_id = '" +
        delivery_id + "'");
  }
  void LetTimePass(const std::string& interval) const {
    const std::string earlier = " - interval '" + interval + "'";
    Run("UPDATE deliveries SET next_attempt_at = next_attempt_at" + earlier +
        ", created_at = created_at" + earlier);
    Run("UPDATE webhook_endpoints SET blocked_until = blocked_until" + earlier +
        ", failing_since = failing_since" + earlier);
  }
  std::string Count(const std::string& from) const {
    return Query("SELECT count(*)::text AS value FROM " + from);
  }

  LinkChange Change(const std::string& user, LinkState state, int64_t generation) const {
    LinkChange change;
    change.project_id = "demo";
    change.user_id = user;
    change.link_id = user == "ann" ? ann : bob;
    change.generation = generation;
    change.state = state;
    change.time = std::chrono::system_clock::now();
    return change;
  }
  void Hold(const std::string& holder) const {
    const auto held = watches->Hold(holder, 10, seconds(10), TestDeadline());
    REQUIRE(held.ok());
    REQUIRE(held->size() == 1);
  }
  bool Apply(const LinkNews& news, const std::string& holder = kHolder) const {
    const auto applied = watches->Apply("demo", holder, news, TestDeadline());
    INFO(applied.status().ToString());
    REQUIRE(applied.ok());
    return *applied;
  }
  /// The types of what is to be delivered, in the order in which it was made.
  std::string Told() const {
    return Query(
        "SELECT coalesce(string_agg(event_type || ':' || (payload::json->'data'->>'userId'"
        "), ' ' ORDER BY delivery_number), '') AS value FROM deliveries");
  }

  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<PostgresEndpointStore> endpoints;
  std::unique_ptr<PostgresDeliveryStore> store;
  std::unique_ptr<PostgresLinkWatchStore> watches;
  const std::string ann = RandomUuid();
  const std::string bob = RandomUuid();
};

LinkNews Snapshot(std::vector<LinkChange> changes, const std::string& id, bool end = true) {
  LinkNews news;
  news.changes = std::move(changes);
  news.snapshot_id = id;
  news.snapshot_end = end;
  if (end) news.resume_token = "after snapshot";
  return news;
}

LinkNews News(LinkChange change) {
  LinkNews news;
  news.changes.push_back(std::move(change));
  news.resume_token = "token " + news.changes[0].user_id;
  return news;
}

}  // namespace

TEST_CASE_METHOD(Deliveries, "a delivery is one process's for its lease, then another's",
                 "[deliveries][postgres]") {
  Enqueue(NewEndpoint());
  const ClaimedDelivery first = ClaimOne();
  CHECK(first.attempts == 1);
  CHECK(first.secrets.size() == 1);
  CHECK(first.payload == "{}");
  CHECK_FALSE(Claim().has_value());
  LetTimePass("61 seconds");
  const ClaimedDelivery second = ClaimOne();
  CHECK(second.attempts == 2);
  Finish(first, Kind::kDelivered, "2xx");
  CHECK(State(first.delivery_id) == "pending 2 ");
  Finish(second, Kind::kDelivered, "2xx");
  CHECK(State(first.delivery_id) == "delivered 2 2xx");
}

TEST_CASE_METHOD(Deliveries, "many processes make each attempt once", "[deliveries][postgres]") {
  for (int i = 0; i < 5; ++i) Enqueue(NewEndpoint(), 20);
  EndpointRules rules;
  rules.attempts_at_once = 64;
  std::vector<std::vector<std::string>> taken(8);
  std::vector<std::thread> threads;
  std::atomic<int> left{100};
  for (auto& mine : taken) {
    threads.emplace_back([&] {
      while (left.load() > 0) {
        auto claimed = store->Claim(rules, kLease, TestDeadline());
        if (!claimed.ok() || !claimed->has_value()) continue;
        mine.push_back((*claimed)->delivery_id);
        left.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> ids;
  for (const auto& mine : taken) ids.insert(mine.begin(), mine.end());
  CHECK(ids.size() == 100);
  CHECK(Count("deliveries WHERE attempts = 1") == "100");
}

TEST_CASE_METHOD(Deliveries, "endpoints take turns, and none is asked more at once than it may be",
                 "[deliveries][postgres]") {
  const std::string busy = NewEndpoint();
  Enqueue(busy, 50);
  const std::string quiet = NewEndpoint();
  Enqueue(quiet, 2);
  std::vector<std::string> order;
  while (const auto claimed = Claim()) order.push_back(claimed->endpoint_id);
  CHECK(order == std::vector<std::string>{busy, quiet, busy, quiet, busy, busy});
}

TEST_CASE_METHOD(Deliveries, "what failed is tried again after its delay, what is dead never",
                 "[deliveries][postgres]") {
  Enqueue(NewEndpoint());
  const ClaimedDelivery claimed = ClaimOne();
  Finish(claimed, Kind::kRetry);
  CHECK(State(claimed.delivery_id) == "pending 1 5xx");
  CHECK_FALSE(Claim().has_value());
  LetTimePass("5 seconds");
  const ClaimedDelivery again = ClaimOne();
  Finish(again, Kind::kPutBack, "VAULT_UNAVAILABLE");
  CHECK(State(claimed.delivery_id) == "pending 1 VAULT_UNAVAILABLE");
  LetTimePass("5 seconds");
  Finish(ClaimOne(), Kind::kDead);
  CHECK(State(claimed.delivery_id) == "dead 2 5xx");
  LetTimePass("1 day");
  CHECK_FALSE(Claim().has_value());
}

TEST_CASE_METHOD(Deliveries, "dead ones are replayed together, delivered ones by name",
                 "[deliveries][postgres]") {
  const std::string endpoint = NewEndpoint();
  Enqueue(endpoint, 3);
  const ClaimedDelivery delivered = ClaimOne();
  Finish(delivered, Kind::kDelivered, "2xx");
  Finish(ClaimOne(), Kind::kDead);
  Finish(ClaimOne(), Kind::kDead);
  const auto replay = [&](std::vector<std::string> ids) {
    const auto count =
        store->Replay({"demo", endpoint, std::move(ids)}, 100, kAdmin, TestDeadline());
    REQUIRE(count.ok());
    return *count;
  };
  CHECK(replay({}) == 2);
  CHECK(replay({}) == 0);
  CHECK(replay({delivered.delivery_id, RandomUuid()}) == 1);
  CHECK(State(delivered.delivery_id) == "pending 0 2xx");
  CHECK(Count("deliveries WHERE state = 'pending' AND replays = 1") == "3");
  CHECK(Count("audit WHERE action = 'webhook_deliveries.replayed'") == "2");
  CHECK_THAT(store->Replay({"other", endpoint, {}}, 100, kAdmin, TestDeadline()),
             IsError(absl::StatusCode::kNotFound, "WEBHOOK_ENDPOINT_NOT_FOUND"));
}

TEST_CASE_METHOD(Deliveries, "an endpoint that keeps failing is left alone, then tried with one",
                 "[deliveries][postgres]") {
  Enqueue(NewEndpoint(), 20);
  for (int i = 0; i < kRules.failures_to_pause; ++i) Finish(ClaimOne(), Kind::kDead);
  CHECK_FALSE(Claim().has_value());
  LetTimePass("30 seconds");
  const ClaimedDelivery trial = ClaimOne();
  CHECK_FALSE(Claim().has_value());
  Finish(trial, Kind::kDead);
  LetTimePass("59 seconds");
  CHECK_FALSE(Claim().has_value());
  LetTimePass("1 second");
  Finish(ClaimOne(), Kind::kDelivered, "2xx");
  CHECK(Claim().has_value());
  CHECK(Claim().has_value());
}

TEST_CASE_METHOD(Deliveries, "after five days of failures it is disabled, and the others are told",
                 "[deliveries][postgres]") {
  const std::string failing = NewEndpoint();
  const std::string watcher = NewEndpoint({"webhook_endpoint.disabled"});
  Enqueue(failing, 3);
  Finish(ClaimOne(), Kind::kDead);
  LetTimePass("119 hours");
  Finish(ClaimOne(), Kind::kDead);
  CHECK(endpoints->Find("demo", failing, TestDeadline())->state == EndpointState::kEnabled);
  LetTimePass("1 hour");
  Finish(ClaimOne(), Kind::kDead);
  const auto found = endpoints->Find("demo", failing, TestDeadline());
  CHECK(found->state == EndpointState::kDisabled);
  CHECK(found->disabled_reason == "FAILING");
  CHECK(Count("deliveries WHERE event_type = 'webhook_endpoint.disabled' AND endpoint_id = '" +
              watcher + "'") == "1");
  CHECK(Count("audit WHERE action = 'webhook_endpoint.disabled'") == "1");
  EndpointChange change;
  change.project_id = "demo";
  change.endpoint_id = failing;
  change.state = EndpointState::kEnabled;
  REQUIRE(endpoints->Update(change, kAdmin, TestDeadline()).ok());
  CHECK_FALSE(endpoints->Find("demo", failing, TestDeadline())->failing_since.has_value());
}

TEST_CASE_METHOD(Deliveries, "an endpoint that is gone is disabled at once, and nothing is sent",
                 "[deliveries][postgres]") {
  const std::string endpoint = NewEndpoint();
  Enqueue(endpoint, 2);
  Finish(ClaimOne(), Kind::kGone, "4xx");
  CHECK(endpoints->Find("demo", endpoint, TestDeadline())->disabled_reason == "GONE");
  CHECK_FALSE(Claim().has_value());
}

TEST_CASE_METHOD(Deliveries, "two secrets sign for the overlap, and never three",
                 "[deliveries][postgres]") {
  const std::string endpoint = NewEndpoint();
  const auto rotate = [&](int overlap) {
    return endpoints->Rotate("demo", endpoint, {RandomUuid(), "sealed"}, seconds(overlap), kAdmin,
                             TestDeadline());
  };
  Enqueue(endpoint, 3);
  CHECK(rotate(3'600)->previous_expires_at.has_value());
  CHECK(ClaimOne().secrets.size() == 2);
  CHECK_THAT(rotate(60),
             IsError(absl::StatusCode::kFailedPrecondition, "WEBHOOK_ENDPOINT_ROTATING"));
  CHECK_FALSE(rotate(0)->previous_expires_at.has_value());
  CHECK(ClaimOne().secrets.size() == 1);
  CHECK(rotate(60)->previous_expires_at.has_value());
}

TEST_CASE_METHOD(Deliveries, "a project has a bounded number of endpoints",
                 "[deliveries][postgres]") {
  for (int i = 0; i < 20; ++i) NewEndpoint();
  automation::NewEndpoint more;
  more.project_id = "demo";
  more.endpoint_id = RandomUuid();
  more.url = "https://crm.example/hook";
  more.event_types = {"link.erased"};
  more.secret = {RandomUuid(), "sealed"};
  CHECK_THAT(endpoints->Insert(more, 20, kAdmin, TestDeadline()),
             IsError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_WEBHOOK_ENDPOINTS"));
  CHECK(endpoints->List("demo", 0, 100, TestDeadline())->size() == 20);
}

TEST_CASE_METHOD(Deliveries, "with the last endpoint everything of the project goes",
                 "[deliveries][postgres]") {
  const std::string endpoint = NewEndpoint();
  Hold(kHolder);
  CHECK(Apply(Snapshot({Change("ann", LinkState::kActive, 1)}, RandomUuid())));
  Enqueue(endpoint);
  CHECK_THAT(endpoints->Delete("demo", endpoint, kAdmin, TestDeadline()), IsOk());
  for (const char* table :
       {"webhook_endpoints", "endpoint_secrets", "deliveries", "link_watches", "told_links"}) {
    INFO(table);
    CHECK(Count(table) == "0");
  }
}

TEST_CASE_METHOD(Deliveries, "a told event of Zoom's is on its way, and goes with its webhook",
                 "[deliveries][postgres]") {
  NewEndpoint({"meeting.created"});
  NewEndpoint({"meeting.ended"});
  Run("INSERT INTO webhooks (webhook_id, project_id, state, event, body, user_id, link_id, "
      "generation, event_at, release_at) VALUES ('" +
      ann +
      "', 'demo', 'held', "
      "'meeting.created', 'sealed', 'ann', '" +
      bob + "', 1, now(), now())");
  Run("UPDATE webhooks SET state = 'released', release_at = NULL, sequence = 1");
  CHECK(Count("deliveries") == "1");
  const ClaimedDelivery claimed = ClaimOne();
  CHECK(claimed.message_id == ann);
  CHECK_FALSE(claimed.payload.has_value());
  REQUIRE(claimed.event.has_value());
  CHECK(claimed.event->sealed_body == "sealed");
  CHECK(claimed.event->link.user_id == "ann");
  Run("DELETE FROM webhooks");
  CHECK(Count("deliveries") == "0");
  Finish(claimed, Kind::kDelivered);
}

TEST_CASE_METHOD(Deliveries, "of the first snapshot only what is new is told",
                 "[deliveries][postgres]") {
  NewEndpoint({"link.connected", "link.erased"});
  Hold(kHolder);
  LinkChange old = Change("ann", LinkState::kActive, 1);
  old.time -= seconds(60);
  CHECK(Apply(Snapshot({old, Change("bob", LinkState::kActive, 1)}, RandomUuid())));
  CHECK(Told() == "link.connected:bob");
  CHECK(Apply(News(Change("ann", LinkState::kNone, 2))));
  CHECK(Told() == "link.connected:bob link.erased:ann");
}

TEST_CASE_METHOD(Deliveries, "after a gap the snapshot tells what was missed, and nothing twice",
                 "[deliveries][postgres]") {
  NewEndpoint({"link.connected", "link.reconnect_required", "link.erased"});
  Hold(kHolder);
  CHECK(Apply(Snapshot({}, RandomUuid())));
  CHECK(Apply(News(Change("ann", LinkState::kActive, 1))));
  CHECK(Apply(News(Change("ann", LinkState::kActive, 1))));
  CHECK(Apply(News(Change("bob", LinkState::kActive, 1))));
  const std::string second = RandomUuid();
  CHECK(Apply(Snapshot({Change("bob", LinkState::kReconnectRequired, 1)}, second, false)));
  CHECK(Apply(Snapshot({}, second)));
  CHECK(Told() ==
        "link.connected:ann link.connected:bob link.reconnect_required:bob link.erased:ann");
}

TEST_CASE_METHOD(Deliveries, "one process follows a project, another once its lease is over",
                 "[deliveries][postgres]") {
  NewEndpoint();
  Hold(kHolder);
  CHECK(watches->Hold(kOther, 10, seconds(10), TestDeadline())->empty());
  CHECK_FALSE(Apply(News(Change("ann", LinkState::kActive, 1)), kOther));
  Run("UPDATE link_watches SET held_until = now()");
  Hold(kOther);
  CHECK_FALSE(Apply(News(Change("ann", LinkState::kActive, 1))));
  CHECK(Told().empty());
  CHECK(Apply(News(Change("ann", LinkState::kActive, 1)), kOther));
  const auto held = watches->Hold(kOther, 10, seconds(10), TestDeadline());
  CHECK(held->at(0).resume_token == "token ann");
  CHECK_THAT(watches->Restart("demo", kOther, TestDeadline()), IsOk());
  CHECK(watches->Hold(kOther, 10, seconds(10), TestDeadline())->at(0).resume_token.empty());
}

TEST_CASE_METHOD(Deliveries, "deliveries are removed when they are old", "[deliveries][postgres]") {
  Enqueue(NewEndpoint(), 3);
  LetTimePass("30 days");
  Enqueue(NewEndpoint(), 1);
  const auto removed = store->RemoveOldDeliveries(std::chrono::hours(24 * 30), 100, TestDeadline());
  CHECK(*removed == 3);
  CHECK(Count("deliveries") == "1");
}

}  // namespace shodan::automation
