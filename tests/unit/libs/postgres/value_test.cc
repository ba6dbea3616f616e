// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/value.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/postgres/result_impl.h"

namespace shodan::postgres {
namespace {

using Values = std::vector<std::optional<std::string>>;

// A result of one row, as libpq would build it from the server's answer.
Result OneRow(std::vector<std::pair<std::string, std::optional<std::string>>> columns) {
  PgResult pg(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
  std::vector<PGresAttDesc> attributes;
  for (auto& [name, value] : columns) {
    PGresAttDesc attribute{};
    attribute.name = name.data();
    attributes.push_back(attribute);
  }
  REQUIRE(PQsetResultAttrs(pg.get(), static_cast<int>(attributes.size()), attributes.data()) == 1);
  for (size_t i = 0; i < columns.size(); ++i) {
    std::optional<std::string>& value = columns[i].second;
    REQUIRE(PQsetvalue(pg.get(), 0, static_cast<int>(i), value ? value->data() : nullptr,
                       value ? static_cast<int>(value->size()) : -1) == 1);
  }
  return Result(std::make_shared<Result::Impl>(Result::Impl{std::move(pg)}));
}

TEST_CASE("Parameters travel in PostgreSQL's text format, in order") {
  const Params params = Params()
                            .Text("it's")
                            .Int(-7)
                            .Bool(true)
                            .Bool(false)
                            .Bytes(std::string("\x00\xff", 2))
                            .Interval(std::chrono::milliseconds(1500));

  CHECK(params.values() == Values{"it's", "-7", "t", "f", "\\x00ff", "1500 milliseconds"});
}

TEST_CASE("Absent parameters travel as NULL") {
  const Params params = Params()
                            .TextOrNull(std::nullopt)
                            .TextOrNullIfEmpty("")
                            .IntOrNull(std::nullopt)
                            .BytesOrNull(std::nullopt)
                            .TimeOrNull(std::nullopt)
                            .Null();

  CHECK(params.values() == Values(6, std::nullopt));
}

TEST_CASE("Present optional parameters travel as their values, the empty text too") {
  const Params params =
      Params().TextOrNull("").TextOrNullIfEmpty("x").IntOrNull(3).BytesOrNull("").TimeOrNull(
          Time());

  CHECK(params.values() == Values{"", "x", "3", "\\x", "1970-01-01 00:00:00.000000+00"});
}

TEST_CASE("Columns are read by name as the type asked for") {
  const Result result = OneRow({{"name", "鈴木"},
                                {"count", "9223372036854775807"},
                                {"yes", "t"},
                                {"no", "f"},
                                {"raw", "\\x00ff"},
                                {"at", "1970-01-01 00:00:01+00"}});

  REQUIRE(result.size() == 1);
  CHECK_FALSE(result.empty());
  const Row row = result[0];
  CHECK(row.Text("name") == "鈴木");
  CHECK(row.Int("count") == INT64_MAX);
  CHECK(row.Bool("yes"));
  CHECK_FALSE(row.Bool("no"));
  CHECK(row.Bytes("raw") == std::string("\x00\xff", 2));
  CHECK(row.Timestamp("at") == Time() + std::chrono::seconds(1));
}

TEST_CASE("NULL is told apart from the empty text") {
  const Result result = OneRow({{"nothing", std::nullopt}, {"empty", ""}, {"number", "5"}});
  const Row row = result[0];

  CHECK(row.IsNull("nothing"));
  CHECK_FALSE(row.IsNull("empty"));
  CHECK_FALSE(row.OptionalText("nothing").has_value());
  CHECK(row.OptionalText("empty") == "");
  CHECK(row.TextOrEmpty("nothing").empty());
  CHECK_FALSE(row.OptionalInt("nothing").has_value());
  CHECK(row.OptionalInt("number") == 5);
  CHECK_FALSE(row.OptionalBytes("nothing").has_value());
  CHECK_FALSE(row.OptionalTimestamp("nothing").has_value());
}

}  // namespace
}  // namespace shodan::postgres
