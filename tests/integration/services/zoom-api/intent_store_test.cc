// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "libs/crypto/random.h"
#include "services/zoom-api/storage/migrations.h"
#include "services/zoom-api/storage/postgres_intent_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using shodan::testing::IsOk;
using shodan::testing::TestDeadline;

class IntentDatabase : public shodan::testing::PostgresFixture {
 public:
  IntentDatabase() : PostgresFixture(Migrations()) {
    pool = NewPool(16);
    store = std::make_unique<PostgresIntentStore>(*pool, std::chrono::hours(24));
  }

  std::optional<EarlierIntent> Begin(const Intent& intent) const {
    auto begun = store->Begin(intent, TestDeadline());
    INFO(begun.status().ToString());
    REQUIRE(begun.ok());
    return *std::move(begun);
  }
  void End(const Intent& intent, IntentState state, int zoom_status = 0) const {
    IntentEnding ending;
    ending.state = state;
    ending.zoom_status = zoom_status;
    ending.tracking_id = zoom_status == 0 ? "" : "v=2.0;rid=1";
    CHECK_THAT(store->End(intent, ending, TestDeadline()), IsOk());
  }
  std::string State() const {
    return Query(
        "SELECT coalesce(string_agg(state, ' ' ORDER BY created_at), '') AS value"
        " FROM intents");
  }
  std::string Audit() const {
    return Query(
        "SELECT coalesce(string_agg(action || ' ' || details::text, ', ' ORDER BY audit_id), '')"
        " AS value FROM audit");
  }

  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<PostgresIntentStore> store;
};

Intent Example(const std::string& request_id = "6fa459ea-ee8a-4ca4-894e-db77e160355e") {
  Intent intent;
  intent.requester = {"demo", "aiko", "user:aiko", "spiffe://test/ns/shodan/sa/gateway", "call-1"};
  intent.request_digest = RequestDigest(request_id);
  intent.attempt_id = RandomUuid();
  intent.head_fingerprint = std::string(32, 'h');
  intent.body_fingerprint = std::string(32, 'b');
  intent.method = "DELETE";
  intent.endpoint = "/meetings/{id}";
  intent.time_limit = std::chrono::seconds(60);
  return intent;
}

}  // namespace

TEST_CASE("the migrations hold the audit tables of the library", "[zoom-api][schema]") {
  REQUIRE(Migrations().size() == 2);
  CHECK(Migrations()[0].sql.find(audit::kAuditTableSql) != std::string_view::npos);
  CHECK(Migrations()[1].sql == audit::kAuditChainSql);
}

TEST_CASE_METHOD(IntentDatabase, "no column can hold anything of Zoom's", "[zoom-api][schema]") {
  // Written by hand: a column added to the table must be thought about here.
  CHECK(Query("SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value"
              " FROM information_schema.columns WHERE table_name = 'intents'") ==
        "actor attempt_id body_fingerprint call_id caller created_at deadline_at ended_at endpoint"
        " head_fingerprint method project_id request_digest state user_id zoom_status");
}

TEST_CASE_METHOD(IntentDatabase, "a request id is announced once, and repetitions see how it went",
                 "[zoom-api]") {
  const Intent intent = Example();
  CHECK_FALSE(Begin(intent).has_value());
  CHECK_FALSE(Begin(intent).has_value());  // the same attempt: its commit was in doubt

  const auto running = Begin(Example());
  REQUIRE(running.has_value());
  CHECK(running->state == IntentState::kSending);
  CHECK(running->head_fingerprint == intent.head_fingerprint);
  CHECK(running->body_fingerprint == intent.body_fingerprint);

  End(intent, IntentState::kCompleted, 204);
  const auto completed = Begin(Example());
  REQUIRE(completed.has_value());
  CHECK(completed->state == IntentState::kCompleted);
  CHECK(completed->zoom_status == 204);

  // Other users, callers and projects have request ids of their own.
  Intent other = Example();
  other.requester.user_id = "ben";
  CHECK_FALSE(Begin(other).has_value());
  other = Example();
  other.requester.caller = "spiffe://test/ns/shodan/sa/automation";
  CHECK_FALSE(Begin(other).has_value());
  other = Example();
  other.requester.project_id = "other";
  CHECK_FALSE(Begin(other).has_value());
}

TEST_CASE_METHOD(IntentDatabase, "what was not sent is taken over by its repetition alone",
                 "[zoom-api]") {
  const Intent first = Example();
  Begin(first);
  End(first, IntentState::kNotSent);
  CHECK(Audit().empty());

  Intent different = Example();
  different.head_fingerprint = std::string(32, 'x');
  REQUIRE(Begin(different).has_value());
  different = Example();
  different.body_fingerprint = std::string(32, 'x');
  CHECK(Begin(different)->state == IntentState::kNotSent);

  const Intent second = Example();
  CHECK_FALSE(Begin(second).has_value());
  CHECK(State() == "sending");
  // The first attempt has nothing to say any more.
  End(first, IntentState::kCompleted, 200);
  CHECK(State() == "sending");
  End(second, IntentState::kUnknown, 503);
  CHECK(State() == "unknown");
}

TEST_CASE_METHOD(IntentDatabase, "of many with one id at a time one is sent", "[zoom-api]") {
  std::atomic<int> sent{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const std::string id = "request " + std::to_string(round);
        const auto begun = store->Begin(Example(id), TestDeadline());
        if (begun.ok() && !begun->has_value()) ++sent;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sent == 20);
}

TEST_CASE_METHOD(IntentDatabase, "each unsafe request is recorded once, without ids of Zoom's",
                 "[zoom-api]") {
  const Intent intent = Example();
  Begin(intent);
  End(intent, IntentState::kCompleted, 204);
  End(intent, IntentState::kCompleted, 204);
  CHECK(Audit() == R"(zoom.request_completed {"method": "DELETE", "endpoint": "/meetings/{id}",)"
                   R"( "trackingId": "v=2.0;rid=1", "zoomStatus": 204})");
  CHECK(Query("SELECT actor || ' ' || caller || ' ' || request_id || ' ' || chain_id AS value"
              " FROM audit") ==
        "user:aiko spiffe://test/ns/shodan/sa/gateway call-1 user:demo/aiko");
}

TEST_CASE_METHOD(IntentDatabase, "what a dead process left is unknown, and recorded",
                 "[zoom-api]") {
  const Intent alive = Example("alive");
  const Intent dead = Example("dead");
  Begin(alive);
  Begin(dead);
  CHECK(*store->EndLost(10, TestDeadline()) == 0);
  postgres::Params params;
  params.Bytes(dead.request_digest);
  REQUIRE_THAT(pool->Execute("UPDATE intents SET deadline_at = now() WHERE request_digest = $1",
                             params, TestDeadline()),
               IsOk());
  CHECK(*store->EndLost(10, TestDeadline()) == 1);
  CHECK(*store->EndLost(10, TestDeadline()) == 0);
  CHECK(Begin(Example("dead"))->state == IntentState::kUnknown);
  CHECK(Begin(Example("alive"))->state == IntentState::kSending);
  CHECK(Audit() ==
        R"(zoom.request_outcome_unknown {"method": "DELETE", "endpoint": "/meetings/{id}"})");
}

TEST_CASE_METHOD(IntentDatabase, "old intents go in batches, and their ids are free again",
                 "[zoom-api]") {
  for (int i = 0; i < 5; ++i) {
    const Intent intent = Example("old " + std::to_string(i));
    Begin(intent);
    End(intent, IntentState::kUnknown);
  }
  Run("UPDATE intents SET created_at = now() - interval '25 hours'");
  Begin(Example("new"));
  CHECK_FALSE(Begin(Example("old 0")).has_value());
  CHECK(*store->RemoveOld(3, TestDeadline()) == 3);
  CHECK(*store->RemoveOld(3, TestDeadline()) == 1);
  CHECK(State() == "sending sending");
}

}  // namespace shodan::zoomapi
