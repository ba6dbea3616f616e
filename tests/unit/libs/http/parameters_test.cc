// SPDX-License-Identifier: Apache-2.0
#include "libs/http/parameters.h"

#include <catch2/catch.hpp>

namespace shodan::http {
namespace {

using List = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("Parameters reads texts and numbers and knows defaults") {
  const List list{{"companyId", "c1"}, {"pageSize", "10"}};
  Parameters parameters(list);

  CHECK(parameters.Text("companyId") == "c1");
  CHECK(parameters.Text("personId").empty());
  CHECK(parameters.Integer("pageSize", 1, 100, 25) == 10);
  CHECK(parameters.Integer("other", 1, 100, 25) == 25);
  CHECK(parameters.Finish().ok());
}

TEST_CASE("Parameters reads true and false and nothing like them") {
  const List list{{"yes", "true"}, {"no", "false"}, {"empty", ""}, {"other", "1"}};
  Parameters parameters(list);

  CHECK(parameters.Bool("yes", false));
  CHECK_FALSE(parameters.Bool("no", true));
  CHECK(parameters.Bool("empty", true));
  CHECK(parameters.Bool("absent", true));
  parameters.Bool("other", false);
  const auto fields = FieldsOf(parameters.Finish());
  REQUIRE(fields.size() == 1);
  CHECK(fields[0].field == "other");
}

TEST_CASE("Parameters names repeated, unknown and out-of-range ones at once") {
  const List list{{"a", "1"}, {"a", "2"}, {"pageSize", "0"}, {"size", "x"}, {"wat", ""}};
  Parameters parameters(list);

  parameters.Text("a");
  parameters.Integer("pageSize", 1, 100, 25);
  parameters.Integer("size", 1, 100, 25);
  const auto fields = FieldsOf(parameters.Finish());

  REQUIRE(fields.size() == 4);
  CHECK(fields[0].field == "a");
  CHECK(fields[0].reason == "REPEATED");
  CHECK(fields[1].field == "pageSize");
  CHECK(fields[2].field == "size");
  CHECK(fields[3].field == "wat");
  CHECK(fields[3].reason == "UNKNOWN");
}

TEST_CASE("Parameters can welcome foreign ones") {
  const List list{{"code", "1"}, {"iss", "x"}};
  Parameters parameters(list);
  parameters.Text("code");

  CHECK(parameters.FinishIgnoringUnknown().ok());
}

}  // namespace
}  // namespace shodan::http
