// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/migrator.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

using Catch::Matchers::Contains;
using testing::IsError;
using testing::IsOk;
using testing::PostgresFixture;
using testing::TestDeadline;

std::vector<Migration> Migrations() {
  return {{1, "create_links", "CREATE TABLE links (id int); CREATE INDEX ON links (id);"},
          {2, "create_notes", "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1);"}};
}

class MigratorFixture : public PostgresFixture {
 public:
  absl::Status MigrateTo(const std::vector<Migration>& migrations) const {
    return Migrate(Settings(), migrations, TestDeadline());
  }
  absl::Status CheckAgainst(const std::vector<Migration>& migrations) const {
    return CheckSchema(*NewPool(1), migrations, TestDeadline());
  }
  std::string Applied() const {
    return Query(
        "SELECT string_agg(version || ' ' || name, ', ' ORDER BY version) AS value"
        " FROM schema_migrations");
  }
};

TEST_CASE_METHOD(MigratorFixture, "Missing migrations are applied in order, once") {
  REQUIRE_THAT(MigrateTo({Migrations()[0]}), IsOk());
  REQUIRE_THAT(MigrateTo(Migrations()), IsOk());
  REQUIRE_THAT(MigrateTo(Migrations()), IsOk());

  CHECK(Applied() == "1 create_links, 2 create_notes");
  CHECK(Query("SELECT count(*)::text AS value FROM notes") == "1");
  CHECK_THAT(CheckAgainst(Migrations()), IsOk());
}

TEST_CASE_METHOD(MigratorFixture, "Replicas that start together apply each migration once") {
  std::vector<absl::Status> results(6);
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([this, &result] { result = MigrateTo(Migrations()); });
  }
  for (std::thread& thread : threads) thread.join();

  for (const absl::Status& result : results) CHECK_THAT(result, IsOk());
  CHECK(Query("SELECT count(*)::text AS value FROM notes") == "1");
}

TEST_CASE_METHOD(MigratorFixture, "An applied migration whose text changed is refused and named") {
  REQUIRE_THAT(MigrateTo(Migrations()), IsOk());
  std::vector<Migration> changed = Migrations();
  changed[0].sql = "CREATE TABLE links (id bigint)";

  const absl::Status status = MigrateTo(changed);

  CHECK_THAT(status, IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_CHANGED"));
  CHECK_THAT(std::string(status.message()), Contains("migration 1 (create_links)"));
  CHECK_THAT(CheckAgainst(changed),
             IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_CHANGED"));
}

TEST_CASE_METHOD(MigratorFixture, "A database ahead of the program is refused and left alone") {
  REQUIRE_THAT(MigrateTo(Migrations()), IsOk());
  const std::vector<Migration> older = {Migrations()[0]};

  CHECK_THAT(MigrateTo(older), IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_NEWER"));
  CHECK_THAT(CheckAgainst(older), IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_NEWER"));
  CHECK(Applied() == "1 create_links, 2 create_notes");
}

TEST_CASE_METHOD(MigratorFixture, "A database that is empty or behind is outdated") {
  CHECK_THAT(CheckAgainst(Migrations()),
             IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));

  REQUIRE_THAT(MigrateTo({Migrations()[0]}), IsOk());

  CHECK_THAT(CheckAgainst(Migrations()),
             IsError(absl::StatusCode::kFailedPrecondition, "SCHEMA_OUTDATED"));
}

TEST_CASE_METHOD(MigratorFixture,
                 "A migration that fails leaves nothing of itself and keeps those before it") {
  std::vector<Migration> broken = Migrations();
  broken.push_back({3, "break", "CREATE TABLE half (id int); SELECT 1 / 0;"});

  const absl::Status status = MigrateTo(broken);

  CHECK_THAT(status, IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  CHECK_THAT(std::string(status.message()), Contains("migration 3 (break)"));
  CHECK(MetadataOf(status) == ErrorMetadata{{"sqlstate", "22012"}});
  CHECK(Applied() == "1 create_links, 2 create_notes");
  CHECK(Query("SELECT (to_regclass('half') IS NULL)::text AS value") == "true");
}

TEST_CASE_METHOD(MigratorFixture,
                 "Versions that do not count from 1 are refused before anything is done") {
  for (const std::vector<Migration>& migrations :
       {std::vector<Migration>{Migrations()[1]},
        std::vector<Migration>{Migrations()[0], Migrations()[0]}}) {
    CHECK_THAT(MigrateTo(migrations), IsError(absl::StatusCode::kInternal, "SCHEMA_NUMBERING"));
  }
  CHECK(Query("SELECT (to_regclass('schema_migrations') IS NULL)::text AS value") == "true");
}

TEST_CASE_METHOD(MigratorFixture, "Waiting for another replica's migration ends by the deadline") {
  const auto pool = NewPool(1);

  const absl::Status status = pool->InTransaction(TestDeadline(), [&](Session& session) {
    SHODAN_RETURN_IF_ERROR(
        session.Execute("SELECT pg_advisory_xact_lock(7310293540184261)").status());
    return Migrate(Settings(), Migrations(), Deadline::After(std::chrono::milliseconds(200)));
  });

  CHECK_THAT(status, IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"));
}

TEST_CASE_METHOD(MigratorFixture, "A role that may only use the tables can check the schema") {
  REQUIRE_THAT(MigrateTo(Migrations()), IsOk());
  const std::string role = "user_of_" + database();
  Run("CREATE ROLE " + role + " LOGIN PASSWORD 'test'");
  Run("GRANT SELECT ON schema_migrations TO " + role);
  ConnectionSettings settings = Settings(1);
  settings.user = role;
  settings.password = Secret("test");
  {
    Pool pool(std::move(settings));
    CHECK_THAT(CheckSchema(pool, Migrations(), TestDeadline()), IsOk());
  }
  Run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

}  // namespace
}  // namespace shodan::postgres
