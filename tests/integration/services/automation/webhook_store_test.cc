// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "libs/crypto/random.h"
#include "libs/postgres/migrator.h"
#include "services/automation/storage/migrations.h"
#include "services/automation/storage/postgres_webhook_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using shodan::testing::IsOk;
using shodan::testing::TestDeadline;
using std::chrono::milliseconds;

constexpr milliseconds kThreeDays = std::chrono::hours(72);
constexpr milliseconds kLease = std::chrono::seconds(30);
constexpr milliseconds kWeek = std::chrono::hours(168);
const Actor kAdmin{"admin:noa", "spiffe://gateway", "request"};

Time At(int seconds) { return Time(std::chrono::seconds(1'700'000'000 + seconds)); }

class Inbox : public shodan::testing::PostgresFixture {
 public:
  Inbox() {
    const absl::Status migrated = postgres::Migrate(Settings(), Migrations(), TestDeadline());
    INFO(migrated.ToString());
    REQUIRE(migrated.ok());
    pool = NewPool(16);
    store = std::make_unique<PostgresWebhookStore>(*pool);
  }

  bool Insert(const std::string& tag) const {
    NewWebhook webhook;
    webhook.webhook_id = RandomUuid();
    webhook.project_id = "demo";
    webhook.inbox_key_id = RandomUuid();
    webhook.sealed_body = "sealed " + tag;
    webhook.body_tag = tag + std::string(32 - tag.size(), '.');
    const auto inserted = store->Insert(webhook, kThreeDays, TestDeadline());
    INFO(inserted.status().ToString());
    REQUIRE(inserted.ok());
    return *inserted;
  }
  std::vector<ClaimedWebhook> Claim(int limit = 100) const {
    auto claimed = store->Claim(limit, kLease, TestDeadline());
    INFO(claimed.status().ToString());
    REQUIRE(claimed.ok());
    return *std::move(claimed);
  }
  ClaimedWebhook ClaimOne(const std::string& tag) const {
    CHECK(Insert(tag));
    const auto claimed = Claim();
    REQUIRE(claimed.size() == 1);
    return claimed[0];
  }
  void Hold(const ClaimedWebhook& claimed, int seconds, const LinkLife& link,
            milliseconds hold = milliseconds(0)) const {
    CHECK_THAT(store->Hold(claimed, {"meeting.created", At(seconds), link, "for the link"}, hold,
                           TestDeadline()),
               IsOk());
  }
  int Release() const {
    const auto links = store->ListDueLinks(100, TestDeadline());
    INFO(links.status().ToString());
    REQUIRE(links.ok());
    int total = 0;
    for (const std::string& id : *links) {
      const auto released = store->Release(id, 500, TestDeadline());
      INFO(released.status().ToString());
      REQUIRE(released.ok());
      total += *released;
    }
    return total;
  }
  /// Sequence and second of each told event, with a mark for late ones.
  std::string Told(const LinkLife& link) const {
    const auto events =
        store->ListReleased(link.project_id, link.user_id, 0, 1'000, TestDeadline());
    REQUIRE(events.ok());
    std::string text;
    for (const ReleasedEvent& event : *events) {
      const auto since = std::chrono::duration_cast<std::chrono::seconds>(event.event_time - At(0));
      text += (text.empty() ? "" : " ") + std::to_string(event.sequence) + ":" +
              std::to_string(since.count()) + (event.late ? "!" : "");
    }
    return text;
  }
  std::string State(const std::string& webhook_id) const {
    return Query("SELECT state || ' ' || reason AS value FROM webhooks WHERE webhook_id = '" +
                 webhook_id + "'");
  }
  std::string Count(const std::string& from) const {
    return Query("SELECT count(*)::text AS value FROM " + from);
  }
  void Apply(const GrantEvent& event) const {
    CHECK_THAT(store->ApplyGrantEvents({event}, TestDeadline()), IsOk());
  }

  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<PostgresWebhookStore> store;
  const LinkLife ann{"demo", "ann", RandomUuid(), 1};
  const LinkLife bob{"demo", "bob", RandomUuid(), 1};
};

}  // namespace

TEST_CASE("the migrations hold the audit table and chains of the library", "[automation][schema]") {
  REQUIRE(Migrations().size() >= 2);
  CHECK(Migrations()[0].sql.find(audit::kAuditTableSql) != std::string_view::npos);
  CHECK(Migrations()[1].sql == audit::kAuditChainSql);
}

TEST_CASE_METHOD(Inbox, "nothing but the sealed body says what a webhook is about",
                 "[automation][schema]") {
  // Written by hand: a column added to the table must be thought about here.
  CHECK(Query("SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value FROM "
              "information_schema.columns WHERE table_name = 'webhooks'") ==
        "attempts body claim_id duplicates event event_at generation inbox_key_id late link_id"
        " next_attempt_at project_id reason receive_id received_at release_at replays sequence"
        " state user_id webhook_id");
}

TEST_CASE_METHOD(Inbox, "a body is stored once in 72 hours", "[automation]") {
  CHECK(Insert("a"));
  CHECK_FALSE(Insert("a"));
  CHECK(Insert("b"));
  CHECK(Count("webhooks") == "2");
  CHECK(Query("SELECT sum(duplicates)::text AS value FROM webhooks") == "1");
  Run("UPDATE webhook_tags SET received_at = now() - interval '71 hours 59 minutes'");
  CHECK_FALSE(Insert("a"));
  Run("UPDATE webhook_tags SET received_at = now() - interval '72 hours 1 second'");
  CHECK(Insert("a"));
}

TEST_CASE_METHOD(Inbox, "of many that come at once one is stored", "[automation]") {
  std::atomic<int> stored{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        NewWebhook webhook{RandomUuid(), "demo", RandomUuid(), "sealed",
                           std::to_string(n) + std::string(32 - std::to_string(n).size(), '.')};
        const auto inserted = store->Insert(webhook, kThreeDays, TestDeadline());
        if (inserted.ok() && *inserted) ++stored;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stored == 20);
  CHECK(Count("webhooks") == "20");
}

TEST_CASE_METHOD(Inbox, "a webhook is taken on by one, and by another when the lease is over",
                 "[automation]") {
  CHECK(Insert("a"));
  const auto first = Claim();
  REQUIRE(first.size() == 1);
  CHECK(first[0].attempts == 1);
  CHECK(first[0].sealed_body == "sealed a");
  CHECK(Claim().empty());
  Run("UPDATE webhooks SET next_attempt_at = now()");
  const auto second = Claim();
  REQUIRE(second.size() == 1);
  CHECK(second[0].attempts == 2);
  // The first comes back too late.
  Hold(first[0], 1, ann);
  CHECK(State(first[0].webhook_id) == "received ");
  Hold(second[0], 1, ann);
  CHECK(State(first[0].webhook_id) == "held ");
}

TEST_CASE_METHOD(Inbox, "a retried webhook waits, and counts only when it should", "[automation]") {
  const ClaimedWebhook claimed = ClaimOne("a");
  REQUIRE_THAT(store->Retry(claimed, milliseconds(60'000), false, TestDeadline()), IsOk());
  CHECK(Claim().empty());
  Run("UPDATE webhooks SET next_attempt_at = now()");
  const auto again = Claim();
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempts == 1);
  REQUIRE_THAT(store->Retry(again[0], milliseconds(0), true, TestDeadline()), IsOk());
  CHECK(Claim().at(0).attempts == 2);
}

TEST_CASE_METHOD(Inbox, "what is settled loses its body; what is parked keeps it and is audited",
                 "[automation]") {
  const ClaimedWebhook settled = ClaimOne("a");
  REQUIRE_THAT(store->Settle(settled, "meeting.started", "NOT_A_TRIGGER", TestDeadline()), IsOk());
  CHECK(State(settled.webhook_id) == "settled NOT_A_TRIGGER");
  CHECK(Count("webhooks WHERE body IS NOT NULL OR inbox_key_id IS NOT NULL") == "0");
  const ClaimedWebhook parked = ClaimOne("b");
  REQUIRE_THAT(store->Park(parked, "", "WEBHOOK_MALFORMED", TestDeadline()), IsOk());
  CHECK(State(parked.webhook_id) == "parked WEBHOOK_MALFORMED");
  CHECK(Count("webhooks WHERE body IS NOT NULL") == "1");
  CHECK(Count("audit WHERE action = 'webhook.parked'") == "1");
  CHECK(Claim().empty());
}

TEST_CASE_METHOD(Inbox, "events are told in the order in which they happened, numbered by link",
                 "[automation]") {
  for (const int second : {3, 1, 2}) Hold(ClaimOne("a" + std::to_string(second)), second, ann);
  Hold(ClaimOne("b"), 9, bob);
  CHECK(Release() == 4);
  CHECK(Told(ann) == "1:1 2:2 3:3");
  CHECK(Told(bob) == "1:9");
  Hold(ClaimOne("late"), 2, ann);
  Hold(ClaimOne("next"), 4, ann);
  CHECK(Release() == 2);
  CHECK(Told(ann) == "1:1 2:2 3:3 4:2! 5:4");
}

TEST_CASE_METHOD(Inbox, "an event waits for earlier ones for as long as it is held",
                 "[automation]") {
  Hold(ClaimOne("b"), 2, ann, std::chrono::minutes(1));
  CHECK(Release() == 0);
  Hold(ClaimOne("a"), 1, ann, std::chrono::minutes(1));
  Run("UPDATE webhooks SET release_at = now() WHERE event_at = (SELECT max(event_at) FROM "
      "webhooks)");
  CHECK(Release() == 2);
  CHECK(Told(ann) == "1:1 2:2");
}

TEST_CASE_METHOD(Inbox, "a page of one event tells what is due behind it too, round by round",
                 "[automation]") {
  for (int second = 1; second <= 5; ++second) {
    Hold(ClaimOne(std::to_string(second)), second, ann, std::chrono::minutes(1));
  }
  Run("UPDATE webhooks SET release_at = now() WHERE event_at = (SELECT max(event_at) FROM "
      "webhooks)");
  for (int round = 0; round < 5; ++round) {
    CHECK(store->Release(ann.link_id, 1, TestDeadline()).value() == 1);
  }
  CHECK(store->Release(ann.link_id, 1, TestDeadline()).value() == 0);
  CHECK(Told(ann) == "1:1 2:2 3:3 4:4 5:5");
}

TEST_CASE_METHOD(Inbox, "many tell at once, and every event has one number", "[automation]") {
  for (int i = 0; i < 100; ++i) CHECK(Insert(std::to_string(i)));
  auto claimed = Claim(100);
  std::reverse(claimed.begin(), claimed.end());
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < claimed.size(); i += 4) {
        const ReadWebhook read{"meeting.created", At(static_cast<int>(i)), ann, "x"};
        if (!store->Hold(claimed[i], read, milliseconds(0), TestDeadline()).ok()) return;
        if (!store->Release(ann.link_id, 500, TestDeadline()).ok()) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Release();
  CHECK(Query("SELECT count(*) || ' ' || count(DISTINCT sequence) || ' ' || max(sequence) AS value "
              "FROM webhooks WHERE state = 'released'") == "100 100 100");
}

TEST_CASE_METHOD(Inbox, "when a life of a link ends what it left goes, held and told",
                 "[automation]") {
  Hold(ClaimOne("a"), 1, ann);
  CHECK(Release() == 1);
  Hold(ClaimOne("b"), 2, ann, std::chrono::minutes(1));
  Hold(ClaimOne("c"), 3, bob);
  const ClaimedWebhook in_hand = ClaimOne("d");
  Apply({5, "demo", "ann", ann.link_id, 2, true});
  CHECK(Count("webhooks WHERE user_id = 'ann'") == "0");
  CHECK(Count("webhooks WHERE user_id = 'bob'") == "1");
  CHECK(Query("SELECT details::text AS value FROM audit WHERE action = 'events.erased'") ==
        R"({"count": 2, "generation": 2})");
  CHECK(store->GrantPosition(TestDeadline()).value() == 5);
  // Somebody had read one of that life, and comes too late.
  Hold(in_hand, 4, ann);
  CHECK(State(in_hand.webhook_id) == "settled NOT_CONNECTED");
}

TEST_CASE_METHOD(Inbox, "a reconnect keeps events and numbers; an old event changes nothing",
                 "[automation]") {
  Hold(ClaimOne("a"), 1, ann);
  CHECK(Release() == 1);
  Apply({5, "demo", "ann", ann.link_id, 2, false});
  CHECK(Told(ann) == "1:1");
  LinkLife second = ann;
  second.generation = 2;
  Hold(ClaimOne("b"), 2, second);
  CHECK(Release() == 1);
  CHECK(Told(ann) == "1:1 2:2");
  Apply({4, "demo", "ann", ann.link_id, 9, true});
  CHECK(Told(ann) == "1:1 2:2");
  Apply({6, "demo", "ann", ann.link_id, 3, true});
  CHECK(Told(ann).empty());
  LinkLife third = ann;
  third.generation = 3;
  Hold(ClaimOne("c"), 1, third);
  CHECK(Release() == 1);
  CHECK(Told(ann) == "3:1");
}

TEST_CASE_METHOD(Inbox, "parked webhooks are read again, told ones told again", "[automation]") {
  const ClaimedWebhook parked = ClaimOne("a");
  REQUIRE_THAT(store->Park(parked, "", "WEBHOOK_MALFORMED", TestDeadline()), IsOk());
  Hold(ClaimOne("b"), 1, ann);
  CHECK(Release() == 1);
  const ClaimedWebhook settled = ClaimOne("c");
  REQUIRE_THAT(store->Settle(settled, "x", "NOT_A_TRIGGER", TestDeadline()), IsOk());

  ReplayRequest everything;
  everything.project_id = "demo";
  everything.start = Time(std::chrono::seconds(0));
  everything.end = std::chrono::system_clock::now() + std::chrono::hours(1);
  const auto replayed = store->Replay(everything, 100, kAdmin, TestDeadline());
  INFO(replayed.status().ToString());
  REQUIRE(replayed.ok());
  CHECK(replayed->count == 2);
  CHECK(replayed->last_received_at.has_value());
  CHECK(State(parked.webhook_id) == "received ");
  CHECK(Claim().at(0).webhook_id == parked.webhook_id);
  CHECK(Release() == 1);
  CHECK(Told(ann) == "2:1");
  CHECK(Query("SELECT actor || ' ' || details::text AS value FROM audit WHERE action = "
              "'webhooks.replayed'") == R"(admin:noa {"count": 2})");
}

TEST_CASE_METHOD(Inbox, "a replay takes ids, a time, a state and a project as its bounds",
                 "[automation]") {
  const ClaimedWebhook first = ClaimOne("a");
  REQUIRE_THAT(store->Park(first, "", "X", TestDeadline()), IsOk());
  const ClaimedWebhook second = ClaimOne("b");
  REQUIRE_THAT(store->Park(second, "", "X", TestDeadline()), IsOk());
  const auto count = [&](const ReplayRequest& request, int limit = 100) {
    return store->Replay(request, limit, kAdmin, TestDeadline()).value().count;
  };
  ReplayRequest by_id;
  by_id.project_id = "demo";
  by_id.webhook_ids = {second.webhook_id, RandomUuid()};
  ReplayRequest other = by_id;
  other.project_id = "other";
  CHECK(count(other) == 0);
  ReplayRequest released = by_id;
  released.parked = false;
  CHECK(count(released) == 0);
  CHECK(count(by_id) == 1);
  CHECK(count(by_id) == 0);
  CHECK(State(first.webhook_id) == "parked X");
  ReplayRequest before;
  before.project_id = "demo";
  before.end = Time(std::chrono::seconds(1));
  CHECK(count(before) == 0);
}

TEST_CASE_METHOD(Inbox, "webhooks are listed in the order of receipt, filtered, page by page",
                 "[automation]") {
  for (const char* tag : {"a", "b", "c"}) CHECK(Insert(tag));
  REQUIRE_THAT(store->Park(Claim(1).at(0), "", "X", TestDeadline()), IsOk());
  WebhookQuery query;
  query.project_id = "demo";
  query.limit = 2;
  const auto first = store->List(query, TestDeadline());
  REQUIRE(first.ok());
  REQUIRE(first->size() == 2);
  CHECK(first->at(0).state == WebhookState::kParked);
  CHECK(first->at(0).reason == "X");
  query.after_receive_id = first->at(1).receive_id;
  CHECK(store->List(query, TestDeadline())->size() == 1);
  query.after_receive_id = 0;
  query.limit = 10;
  query.state = WebhookState::kReceived;
  CHECK(store->List(query, TestDeadline())->size() == 2);
  query.start = std::chrono::system_clock::now() + std::chrono::hours(1);
  CHECK(store->List(query, TestDeadline())->empty());
}

TEST_CASE_METHOD(Inbox, "old webhooks and tags go, batch by batch", "[automation]") {
  for (int i = 0; i < 5; ++i) CHECK(Insert(std::to_string(i)));
  CHECK(store->RemoveOld(kWeek, kThreeDays, 3, TestDeadline()).value() == 0);
  Run("UPDATE webhooks SET received_at = now() - interval '7 days'");
  Run("UPDATE webhook_tags SET received_at = now() - interval '72 hours'");
  CHECK(store->RemoveOld(kWeek, kThreeDays, 3, TestDeadline()).value() == 6);
  CHECK(store->RemoveOld(kWeek, kThreeDays, 3, TestDeadline()).value() == 4);
  CHECK(Count("webhooks") == "0");
  CHECK(Count("webhook_tags") == "0");
}

}  // namespace shodan::automation
