// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/postgres/pool.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::PostgresFixture;
using testing::TestDeadline;

class CounterFixture : public PostgresFixture {
 public:
  CounterFixture() {
    Run("CREATE TABLE counters (id int PRIMARY KEY, value int NOT NULL)");
    Run("INSERT INTO counters VALUES (1, 0)");
  }

  std::string Counter() const { return Query("SELECT value::text AS value FROM counters"); }
  /// As another transaction, committed at once.
  void AddByAnother() const { Run("UPDATE counters SET value = value + 100 WHERE id = 1"); }
};

constexpr std::string_view kAdd = "UPDATE counters SET value = value + 1 WHERE id = 1";

TEST_CASE_METHOD(CounterFixture, "A body that succeeds is committed") {
  const auto pool = NewPool();

  CHECK_THAT(pool->InTransaction(TestDeadline(),
                                 [](Session& session) { return session.Execute(kAdd).status(); }),
             IsOk());

  CHECK(Counter() == "1");
}

TEST_CASE_METHOD(CounterFixture,
                 "A body that returns an error is rolled back, and its error comes back") {
  const auto pool = NewPool(1);

  const absl::Status status = pool->InTransaction(TestDeadline(), [](Session& session) {
    SHODAN_RETURN_IF_ERROR(session.Execute(kAdd).status());
    return FailedPrecondition("LINK_DISCONNECTING", "no");
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kFailedPrecondition, "LINK_DISCONNECTING"));
  CHECK(Counter() == "0");
  CHECK_THAT(pool->Check(TestDeadline()), IsOk());
}

TEST_CASE_METHOD(CounterFixture, "A body that overlooks an error cannot commit the rest") {
  const auto pool = NewPool();

  const absl::Status status = pool->InTransaction(TestDeadline(), [](Session& session) {
    SHODAN_RETURN_IF_ERROR(session.Execute(kAdd).status());
    static_cast<void>(session.Execute("INSERT INTO counters VALUES (1, 5)"));
    return absl::OkStatus();
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kAlreadyExists, "DATABASE_CONFLICT"));
  CHECK(Counter() == "0");
}

TEST_CASE_METHOD(CounterFixture, "A transaction reads what others commit meanwhile") {
  const auto pool = NewPool();

  CHECK_THAT(pool->InTransaction(TestDeadline(),
                                 [&](Session& session) {
                                   SHODAN_RETURN_IF_ERROR(session.Execute("SELECT 1").status());
                                   AddByAnother();
                                   return session.Execute(kAdd).status();
                                 }),
             IsOk());

  CHECK(Counter() == "101");
}

TEST_CASE_METHOD(CounterFixture, "A serialization failure runs the body again from the start") {
  const auto pool = NewPool();
  int runs = 0;

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    ++runs;
    SHODAN_RETURN_IF_ERROR(
        session.Execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").status());
    SHODAN_RETURN_IF_ERROR(session.Execute("SELECT value FROM counters").status());
    if (runs == 1) AddByAnother();
    return session.Execute(kAdd).status();
  });

  CHECK_THAT(status, IsOk());
  CHECK(runs == 2);
  CHECK(Counter() == "101");
}

TEST_CASE_METHOD(CounterFixture,
                 "A serialization failure found at COMMIT runs the body again as well") {
  Run("CREATE TABLE readers (id int)");
  const auto pool = NewPool();
  int runs = 0;

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    ++runs;
    SHODAN_RETURN_IF_ERROR(
        session.Execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").status());
    SHODAN_RETURN_IF_ERROR(session.Execute("SELECT count(*) FROM counters").status());
    if (runs == 1) {
      // Write skew: each of the two reads what the other writes.
      Run("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM readers;"
          "INSERT INTO counters VALUES (2, 0); COMMIT");
    }
    return session.Execute("INSERT INTO readers VALUES (1)").status();
  });

  CHECK_THAT(status, IsOk());
  CHECK(runs == 2);
  CHECK(Query("SELECT count(*)::text AS value FROM readers") == "1");
}

TEST_CASE_METHOD(CounterFixture, "After three repeats a serialization failure comes back") {
  const auto pool = NewPool();
  int runs = 0;

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    ++runs;
    SHODAN_RETURN_IF_ERROR(
        session.Execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").status());
    SHODAN_RETURN_IF_ERROR(session.Execute("SELECT value FROM counters").status());
    AddByAnother();
    return session.Execute(kAdd).status();
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kAborted, "DATABASE_SERIALIZATION"));
  CHECK(runs == 4);
  CHECK(Counter() == "400");
}

TEST_CASE_METHOD(CounterFixture, "A deadline that passes in the body prevents the commit") {
  const auto pool = NewPool();
  const Deadline deadline = Deadline::After(std::chrono::milliseconds(200));

  const absl::Status status = pool->InTransaction(deadline, [](Session& session) {
    SHODAN_RETURN_IF_ERROR(session.Execute(kAdd).status());
    while (!session.deadline().Expired()) {
    }
    return absl::OkStatus();
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"));
  CHECK(Counter() == "0");
}

TEST_CASE_METHOD(CounterFixture,
                 "After its connection is lost a session says the same error again") {
  const auto pool = NewPool();
  absl::Status first;
  absl::Status second;

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    first = session.Execute("SELECT pg_terminate_backend(pg_backend_pid())").status();
    second = session.Execute(kAdd).status();
    return first;
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  CHECK(first == status);
  CHECK(second == first);
}

}  // namespace
}  // namespace shodan::postgres
