// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <latch>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "tests/integration/libs/audit/audit_fixture.h"

namespace shodan::audit {
namespace {

using postgres::Pool;
using postgres::Session;
using testing::IsError;
using testing::IsOk;
using testing::TestDeadline;

constexpr int kThreads = 16;

// Counts what a function under test costs.
class CountingSession : public Session {
 public:
  explicit CountingSession(Session& session) : session_(session) {}
  absl::StatusOr<postgres::Result> Execute(std::string_view sql,
                                           const postgres::Params& params) override {
    ++statements;
    return session_.Execute(sql, params);
  }
  Deadline deadline() const override { return session_.deadline(); }

  int statements = 0;

 private:
  Session& session_;
};

std::string LinkNumber(int number) {
  const std::string digits = std::to_string(1'000'000 + number);
  return "5c5f7d0e-0000-4000-8000-00000" + digits;
}

absl::Status AppendWith(Pool& pool, const AuditRecord& record) {
  return pool.InTransaction(TestDeadline(),
                            [&](Session& session) { return Append(session, record); });
}

// Runs `append(thread, i)` `count` times on each thread, all beginning at one moment; the number
// of failures.
int InParallel(int count, const std::function<absl::Status(int, int)>& append) {
  std::latch ready(kThreads);
  std::vector<int> failures(kThreads, 0);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      ready.arrive_and_wait();
      for (int i = 0; i < count; ++i) {
        if (!append(thread, i).ok()) ++failures[static_cast<size_t>(thread)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int sum = 0;
  for (const int failed : failures) sum += failed;
  return sum;
}

TEST_CASE_METHOD(AuditFixture, "A record belongs to the chain of its link, its user, its project") {
  AuditRecord record = Connected();
  REQUIRE_THAT(AppendInTransaction(record), IsOk());
  record.link_id.reset();
  REQUIRE_THAT(AppendInTransaction(record), IsOk());
  record.user_id.clear();
  REQUIRE_THAT(AppendInTransaction(record), IsOk());

  CHECK(Query("SELECT string_agg(chain_id || ' ' || chain_position, ', ' ORDER BY audit_id) AS "
              "value FROM audit") ==
        "link:5c5f7d0e-0000-4000-8000-000000000001 1, user:demo/hanako 1, project:demo 1");
}

TEST_CASE_METHOD(AuditFixture, "A record's hash covers the hash before it and every column") {
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());
  const std::string occurred_us = Query(
      "SELECT (extract(epoch FROM occurred_at) * 1000000)::bigint::text AS value FROM audit "
      "WHERE chain_position = 2");
  const AuditRecord record = Connected();
  const std::string first =
      Query("SELECT encode(hash, 'base64') AS value FROM audit WHERE chain_position = 1");
  const std::optional<std::string> previous = Base64Decode(first);
  REQUIRE(previous.has_value());

  const std::string hash = Sha256(
      *previous + LengthPrefixed({"shodan.audit.1", "link:" + *record.link_id, "2", "2",
                                  occurred_us, record.project_id, record.user_id, *record.link_id,
                                  record.actor, record.caller, record.request_id, record.action,
                                  R"({"cause": "it's \"new\"\n", "generation": 3})"}));

  CHECK(Query("SELECT encode(hash, 'hex') AS value FROM audit WHERE chain_position = 2") ==
        HexEncode(hash));
  // By hand: a column that is added must take part in the hash.
  CHECK(Query("SELECT string_agg(column_name, ' ' ORDER BY column_name) AS value FROM "
              "information_schema.columns WHERE table_name = 'audit'") ==
        "action actor audit_id caller chain_id chain_position details hash link_id occurred_at "
        "project_id request_id user_id");
}

TEST_CASE_METHOD(AuditFixture, "A record costs the transaction of its change one statement") {
  int statements = 0;
  REQUIRE_THAT(NewPool(1)->InTransaction(TestDeadline(),
                                         [&](Session& session) {
                                           CountingSession counting(session);
                                           const absl::Status status =
                                               Append(counting, Connected());
                                           statements = counting.statements;
                                           return status;
                                         }),
               IsOk());
  CHECK(statements == 1);
}

TEST_CASE_METHOD(AuditFixture, "Many records cost one statement and are chained in their order") {
  std::vector<AuditRecord> records;
  for (int i = 0; i < 40; ++i) {
    records.push_back(ConnectedAt(LinkNumber(i % 3)));
    records.back().request_id = std::to_string(i);
  }
  int statements = 0;
  REQUIRE_THAT(NewPool(1)->InTransaction(TestDeadline(),
                                         [&](Session& session) {
                                           CountingSession counting(session);
                                           const absl::Status status = AppendAll(counting, records);
                                           statements = counting.statements;
                                           return status;
                                         }),
               IsOk());

  CHECK(statements == 1);
  CHECK(Count() == "40");
  CHECK(BrokenChains() == "none");
  CHECK(Query("SELECT bool_and(request_id = (audit_id - 1)::text)::text AS value FROM audit") ==
        "true");
}

TEST_CASE_METHOD(AuditFixture, "Sixteen threads that append to one chain leave no gap in it") {
  const auto pool = NewPool(kThreads);

  CHECK(InParallel(25, [&](int, int) { return AppendWith(*pool, Connected()); }) == 0);

  CHECK(Query("SELECT last_position::text AS value FROM audit_chains") == "400");
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(AuditFixture, "Sixteen threads that append to many chains leave no gap in any") {
  const auto pool = NewPool(kThreads);

  const int failures = InParallel(40, [&](int thread, int i) {
    std::mt19937 random(static_cast<unsigned>(thread * 1'000 + i));
    return AppendWith(*pool, ConnectedAt(LinkNumber(static_cast<int>(random() % 20))));
  });

  CHECK(failures == 0);
  CHECK(Count() == std::to_string(40 * kThreads));
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(AuditFixture, "What is rolled back leaves no gap") {
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());
  CHECK_THAT(NewPool(1)->InTransaction(TestDeadline(),
                                       [](Session& session) {
                                         SHODAN_RETURN_IF_ERROR(Append(session, Connected()));
                                         return Aborted("CHANGED_MIND", "no");
                                       }),
             IsError(absl::StatusCode::kAborted, "CHANGED_MIND"));
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());

  CHECK(Query("SELECT last_position::text AS value FROM audit_chains") == "2");
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(AuditFixture, "A change waits for one of the same link, and for no other") {
  const auto other = NewPool(2);

  const absl::Status held =
      NewPool(1)->InTransaction(TestDeadline(), [&](Session& session) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(Append(session, ConnectedAt(LinkNumber(1))));
        CHECK_THAT(AppendWith(*other, ConnectedAt(LinkNumber(2))), IsOk());
        const absl::Status same = other->InTransaction(
            Deadline::After(std::chrono::milliseconds(200)),
            [&](Session& waiting) { return Append(waiting, ConnectedAt(LinkNumber(1))); });
        CHECK_THAT(same, IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"));
        return absl::OkStatus();
      });

  CHECK_THAT(held, IsOk());
  CHECK(Count() == "2");
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(AuditFixture, "Two changes that meet in a deadlock are both recorded") {
  const auto pool = NewPool(2);
  std::latch both_hold_one(2);
  const auto change = [&](const std::string& first, const std::string& second) {
    bool repeated = false;
    return pool->InTransaction(TestDeadline(), [&](Session& session) -> absl::Status {
      SHODAN_RETURN_IF_ERROR(Append(session, ConnectedAt(first)));
      if (!std::exchange(repeated, true)) both_hold_one.arrive_and_wait();
      return Append(session, ConnectedAt(second));
    });
  };
  absl::Status one;
  std::thread thread([&] { one = change("a", "b"); });
  const absl::Status other = change("b", "a");
  thread.join();

  CHECK_THAT(one, IsOk());
  CHECK_THAT(other, IsOk());
  CHECK(Count() == "4");
  CHECK(BrokenChains() == "none");
}

TEST_CASE_METHOD(AuditFixture, "A record is never changed or deleted, and a chain never ended") {
  REQUIRE_THAT(AppendInTransaction(Connected()), IsOk());
  const auto pool = NewPool(1);

  for (const char* sql :
       {"UPDATE audit SET actor = 'user:other'", "DELETE FROM audit", "TRUNCATE audit",
        "DELETE FROM audit_chains", "TRUNCATE audit_chains", "UPDATE audit_seals SET mac = root",
        "DELETE FROM audit_sealed_chains", "TRUNCATE audit_seals, audit_sealed_chains"}) {
    CAPTURE(sql);
    CHECK_THAT(pool->Execute(sql, {}, TestDeadline()),
               IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  }
  CHECK(Count() == "1");
}

TEST_CASE_METHOD(testing::PostgresFixture,
                 "Records of the time before chains are chained as found") {
  Run(std::string(kAuditTableSql));
  Run("INSERT INTO audit (project_id, user_id, link_id, actor, caller, request_id, action, details)"
      " SELECT 'demo', 'hanako', CASE WHEN i % 2 = 0 THEN 'a' END, 'user:hanako', 'gateway',"
      " i::text, 'link.connected', jsonb_build_object('i', i) FROM generate_series(1, 5) AS i");

  Run(std::string(kAuditChainSql));

  CHECK(Query("SELECT string_agg(request_id || ':' || chain_id || ' ' || chain_position, ', ' "
              "ORDER BY audit_id) AS value FROM audit") ==
        "1:user:demo/hanako 1, 2:link:a 1, 3:user:demo/hanako 2, 4:link:a 2, 5:user:demo/hanako 3");
  CHECK(Query("SELECT bool_and(c.last_hash = a.hash)::text AS value FROM audit_chains c JOIN audit "
              "a ON a.chain_id = c.chain_id AND a.chain_position = c.last_position") == "true");
}

}  // namespace
}  // namespace shodan::audit
