// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/pool.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/libs/postgres/lossy_proxy.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;
using testing::LossyProxy;
using testing::PostgresFixture;
using testing::TestDeadline;

const auto kUnavailable = IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE");
const auto kCommitUnknown = IsError(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN");
const auto kTimeout = IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT");

constexpr std::string_view kBackend = "SELECT pg_backend_pid() AS pid";

// The end of the protocol's message, which "BEGIN … READ COMMITTED" does not contain.
const std::string kCommitMessage("COMMIT\0", 7);

int64_t BackendOf(Pool& pool) {
  const auto rows = pool.Execute(kBackend, {}, TestDeadline());
  REQUIRE_THAT(rows, IsOk());
  return (*rows)[0].Int("pid");
}

// A fresh table, and the two things that a test wants of it.
class ItemsFixture : public PostgresFixture {
 public:
  ItemsFixture() { Run("CREATE TABLE items (id int, name text CONSTRAINT items_name_key UNIQUE)"); }

  std::string CountItems() const { return Query("SELECT count(*)::text AS value FROM items"); }
  void Terminate(int64_t pid) const {
    Query("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 30000)::text AS value");
  }
};

TEST_CASE_METHOD(ItemsFixture, "A single statement takes effect by itself") {
  const auto pool = NewPool();

  REQUIRE_THAT(
      pool->Execute("INSERT INTO items VALUES ($1, $2)", Params().Int(1).Text("a"), TestDeadline()),
      IsOk());

  CHECK(CountItems() == "1");
}

TEST_CASE_METHOD(ItemsFixture,
                 "A unique violation is a conflict that names the constraint and no value") {
  const auto pool = NewPool();
  const Params params = Params().Int(1).Text("hanako");
  REQUIRE_THAT(pool->Execute("INSERT INTO items VALUES ($1, $2)", params, TestDeadline()), IsOk());

  const auto second = pool->Execute("INSERT INTO items VALUES ($1, $2)", params, TestDeadline());

  CHECK_THAT(second, IsError(absl::StatusCode::kAlreadyExists, "DATABASE_CONFLICT"));
  CHECK(MetadataOf(second.status()) ==
        ErrorMetadata{{"sqlstate", "23505"}, {"constraint", "items_name_key"}});
  CHECK(second.status().ToString().find("hanako") == std::string::npos);
}

TEST_CASE_METHOD(ItemsFixture,
                 "A statement that the server does not understand is internal and not quoted") {
  const auto pool = NewPool();

  const auto rows = pool->Execute("SELEKT secret FROM items", {}, TestDeadline());

  CHECK_THAT(rows, IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  CHECK(MetadataOf(rows.status()) == ErrorMetadata{{"sqlstate", "42601"}});
  CHECK(rows.status().ToString().find("SELEKT") == std::string::npos);
  CHECK_THAT(pool->Check(TestDeadline()), IsOk());
}

TEST_CASE_METHOD(ItemsFixture, "A refused statement leaves its connection in use") {
  const auto pool = NewPool(1);
  const int64_t backend = BackendOf(*pool);

  CHECK_FALSE(pool->Execute("SELECT 1 / $1::int", Params().Int(0), TestDeadline()).ok());

  CHECK(BackendOf(*pool) == backend);
}

TEST_CASE_METHOD(ItemsFixture,
                 "The deadline cuts a statement off, and the next call gets a new connection") {
  const auto pool = NewPool(1);
  const int64_t backend = BackendOf(*pool);

  const auto cut = pool->Execute("SELECT pg_sleep(600)", {}, Deadline::After(milliseconds(300)));

  CHECK_THAT(cut, kTimeout);
  CHECK(BackendOf(*pool) != backend);
}

TEST_CASE_METHOD(ItemsFixture,
                 "A statement that the server cancels is a timeout, and its connection stays") {
  const auto pool = NewPool(1);
  const int64_t backend = BackendOf(*pool);

  const absl::Status status = pool->InTransaction(TestDeadline(), [](Session& session) {
    SHODAN_RETURN_IF_ERROR(session.Execute("SET LOCAL statement_timeout = 1").status());
    return session.Execute("SELECT pg_sleep(600)").status();
  });

  CHECK_THAT(status, kTimeout);
  CHECK(BackendOf(*pool) == backend);
}

TEST_CASE_METHOD(ItemsFixture, "A call with a deadline in the past does nothing") {
  const auto pool = NewPool();

  const auto late =
      pool->Execute("INSERT INTO items VALUES (1, 'late')", {}, Deadline::After(milliseconds(-1)));

  CHECK_THAT(late, kTimeout);
  CHECK(CountItems() == "0");
}

TEST_CASE_METHOD(ItemsFixture,
                 "A connection that the server ended while idle is replaced unnoticed") {
  const auto pool = NewPool(1);
  const int64_t backend = BackendOf(*pool);

  Terminate(backend);

  CHECK(BackendOf(*pool) != backend);
}

TEST_CASE_METHOD(
    ItemsFixture,
    "A connection ended in the middle of a transaction is unavailable, then the pool recovers") {
  const auto pool = NewPool(1);

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    SHODAN_RETURN_IF_ERROR(session.Execute("INSERT INTO items VALUES (1, 'a')").status());
    SHODAN_ASSIGN_OR_RETURN(const Result rows, session.Execute(kBackend));
    Terminate(rows[0].Int("pid"));
    return session.Execute("INSERT INTO items VALUES (2, 'b')").status();
  });

  CHECK_THAT(status, kUnavailable);
  CHECK_THAT(pool->Check(TestDeadline()), IsOk());
  CHECK(CountItems() == "0");
}

TEST_CASE_METHOD(ItemsFixture,
                 "A COMMIT whose answer is lost is unknown: the change may be there") {
  ConnectionSettings settings = Settings(1);
  const LossyProxy proxy(settings.host, settings.port, kCommitMessage);
  settings.host = "127.0.0.1";
  settings.port = proxy.port();
  Pool pool(std::move(settings));

  const absl::Status status = pool.InTransaction(TestDeadline(), [](Session& session) {
    return session.Execute("INSERT INTO items VALUES (1, 'a')").status();
  });

  CHECK_THAT(status, kCommitUnknown);
  CHECK(proxy.has_lost());
  CHECK(CountItems() == "1");
  CHECK_THAT(pool.Check(TestDeadline()), IsOk());
}

TEST_CASE_METHOD(ItemsFixture, "A statement of its own whose answer is lost is unknown as well") {
  ConnectionSettings settings = Settings(1);
  const LossyProxy proxy(settings.host, settings.port, "lose this one");
  settings.host = "127.0.0.1";
  settings.port = proxy.port();
  Pool pool(std::move(settings));

  const auto lost = pool.Execute("INSERT INTO items VALUES (1, $1)", Params().Text("lose this one"),
                                 TestDeadline());

  CHECK_THAT(lost, kCommitUnknown);
  CHECK(CountItems() == "1");
}

TEST_CASE_METHOD(ItemsFixture,
                 "A statement lost inside a transaction is unavailable: nothing was committed") {
  ConnectionSettings settings = Settings(1);
  const LossyProxy proxy(settings.host, settings.port, "lose this one");
  settings.host = "127.0.0.1";
  settings.port = proxy.port();
  Pool pool(std::move(settings));

  const absl::Status status = pool.InTransaction(TestDeadline(), [](Session& session) {
    return session.Execute("INSERT INTO items VALUES (1, $1)", Params().Text("lose this one"))
        .status();
  });

  CHECK_THAT(status, kUnavailable);
  CHECK(CountItems() == "0");
}

TEST_CASE_METHOD(ItemsFixture, "Waiting for a free connection ends by the deadline") {
  const auto pool = NewPool(1);

  const absl::Status outer = pool->InTransaction(
      TestDeadline(), [&](Session&) { return pool->Check(Deadline::After(milliseconds(20))); });

  CHECK_THAT(outer, kTimeout);
  CHECK_THAT(pool->Check(TestDeadline()), IsOk());
}

TEST_CASE_METHOD(ItemsFixture, "Many callers share few connections, and no more are ever open") {
  const auto pool = NewPool(2);
  std::atomic<int> succeeded = 0;
  std::atomic<int> most_open = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        const auto rows = pool->Execute(
            "SELECT count(*)::int AS n FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'shodan-tests'",
            {}, TestDeadline());
        if (!rows.ok()) continue;
        ++succeeded;
        const int open = static_cast<int>((*rows)[0].Int("n"));
        int most = most_open;
        while (open > most && !most_open.compare_exchange_weak(most, open)) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(succeeded == 80);
  CHECK(most_open <= 2);
}

TEST_CASE_METHOD(ItemsFixture, "A pool answers again once its server does") {
  ConnectionSettings settings = Settings(1);
  settings.database = "not_yet_" + database();
  const std::string name = settings.database;
  Pool pool(std::move(settings));
  CHECK_THAT(pool.Check(TestDeadline()), kUnavailable);

  Run("CREATE DATABASE " + name);

  CHECK_THAT(pool.Check(TestDeadline()), IsOk());
  Run("DROP DATABASE " + name + " WITH (FORCE)");
}

}  // namespace
}  // namespace shodan::postgres
