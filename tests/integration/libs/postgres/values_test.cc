// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "libs/postgres/pool.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::PostgresFixture;
using testing::TestDeadline;

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

// The one row that a statement answers.
Result Answer(Pool& pool, std::string_view sql, const Params& params) {
  absl::StatusOr<Result> rows = pool.Execute(sql, params, TestDeadline());
  REQUIRE_THAT(rows, IsOk());
  REQUIRE(rows->size() == 1);
  return *std::move(rows);
}

TEST_CASE_METHOD(PostgresFixture, "Texts come back byte for byte") {
  const auto pool = NewPool();
  for (const std::string& text :
       {std::string(), std::string("it's; DROP TABLE x --"), std::string("鈴木 花子 📞"),
        std::string(" \t\r\n\\n'\"$1"), std::string(100'000, 'x')}) {
    const Result rows = Answer(*pool, "SELECT $1::text AS value", Params().Text(text));

    CHECK(rows[0].Text("value") == text);
  }
}

TEST_CASE_METHOD(PostgresFixture,
                 "Bytes of every value come back, also zero bytes and none at all") {
  const auto pool = NewPool();
  for (const std::string& bytes : {std::string(), AllBytes(), std::string(3, '\0')}) {
    const Result rows = Answer(*pool, "SELECT $1::bytea AS value, length($1::bytea) AS size",
                               Params().Bytes(bytes));

    CHECK(rows[0].Bytes("value") == bytes);
    CHECK(rows[0].Int("size") == static_cast<int64_t>(bytes.size()));
  }
}

TEST_CASE_METHOD(PostgresFixture, "Integers and booleans come back over their whole range") {
  const auto pool = NewPool();
  for (const int64_t number : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    CHECK(Answer(*pool, "SELECT $1::bigint AS value", Params().Int(number))[0].Int("value") ==
          number);
  }
  const Result flags = Answer(*pool, "SELECT $1::boolean AS yes, $2::boolean AS no",
                              Params().Bool(true).Bool(false));
  CHECK(flags[0].Bool("yes"));
  CHECK_FALSE(flags[0].Bool("no"));
}

TEST_CASE_METHOD(PostgresFixture,
                 "Times come back to the microsecond, whatever the database's zone and style") {
  Run("ALTER DATABASE " + database() + " SET TimeZone = 'Asia/Tokyo'");
  Run("ALTER DATABASE " + database() + " SET DateStyle = 'SQL, DMY'");
  const auto pool = NewPool();
  const Time time = Time() + std::chrono::hours(480'000) + std::chrono::microseconds(123'456);

  const Result rows = Answer(
      *pool, "SELECT $1::timestamptz AS value, extract(epoch FROM $1::timestamptz)::text AS epoch",
      Params().TimeOrNull(time));

  CHECK(rows[0].Timestamp("value") == time);
  CHECK(rows[0].Text("epoch") == "1728000000.123456");
}

TEST_CASE_METHOD(PostgresFixture, "An interval counts milliseconds") {
  const auto pool = NewPool();

  const Result rows = Answer(*pool, "SELECT extract(epoch FROM $1::interval)::text AS seconds",
                             Params().Interval(std::chrono::milliseconds(90'061'001)));

  CHECK(rows[0].Text("seconds") == "90061.001000");
}

TEST_CASE_METHOD(PostgresFixture, "NULL comes back as nothing for every type") {
  const auto pool = NewPool();

  const Result rows = Answer(*pool,
                             "SELECT $1::text AS a, $2::bigint AS b, $3::bytea AS c,"
                             " $4::timestamptz AS d, '' AS e",
                             Params()
                                 .TextOrNull(std::nullopt)
                                 .IntOrNull(std::nullopt)
                                 .BytesOrNull(std::nullopt)
                                 .TimeOrNull(std::nullopt));

  const Row row = rows[0];
  CHECK_FALSE(row.OptionalText("a").has_value());
  CHECK_FALSE(row.OptionalInt("b").has_value());
  CHECK_FALSE(row.OptionalBytes("c").has_value());
  CHECK_FALSE(row.OptionalTimestamp("d").has_value());
  CHECK(row.OptionalText("e") == "");
}

TEST_CASE_METHOD(PostgresFixture, "Values larger than every buffer come back") {
  const auto pool = NewPool();
  const std::string bytes = [] {
    std::string all;
    while (all.size() < 8'000'000) all += AllBytes();
    return all;
  }();

  const Result rows = Answer(*pool, "SELECT $1::bytea AS value", Params().Bytes(bytes));

  CHECK((rows[0].Bytes("value") == bytes));
}

TEST_CASE_METHOD(PostgresFixture, "A text with a zero byte is refused, not cut") {
  const auto pool = NewPool();

  const auto rows =
      pool->Execute("SELECT $1::text AS value", Params().Text({"a\0b", 3}), TestDeadline());

  CHECK_THAT(rows, IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
}

TEST_CASE_METHOD(PostgresFixture, "A result tells its rows and how many rows a statement changed") {
  Run("CREATE TABLE items (id int PRIMARY KEY)");
  const auto pool = NewPool();

  const auto inserted =
      pool->Execute("INSERT INTO items SELECT generate_series(1, 5)", {}, TestDeadline());
  const auto deleted = pool->Execute("DELETE FROM items WHERE id > $1 RETURNING id",
                                     Params().Int(2), TestDeadline());
  const auto none = pool->Execute("UPDATE items SET id = id WHERE id = 99", {}, TestDeadline());

  REQUIRE_THAT(inserted, IsOk());
  CHECK(inserted->affected_rows() == 5);
  CHECK(inserted->empty());
  REQUIRE_THAT(deleted, IsOk());
  CHECK(deleted->affected_rows() == 3);
  CHECK(deleted->size() == 3);
  REQUIRE_THAT(none, IsOk());
  CHECK(none->affected_rows() == 0);
}

}  // namespace
}  // namespace shodan::postgres
