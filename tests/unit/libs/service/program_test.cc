// SPDX-License-Identifier: Apache-2.0
// What needs no process of its own; the life of a whole program is in tests/integration.
#include "libs/service/program.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::service {
namespace {

using testing::IsError;
using testing::IsOk;

struct Config {
  CommonConfig common;
  int64_t answer = 0;
};

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = ReadCommonConfig(reader);
  config.answer = reader.Integer("answer", 1, 100, std::nullopt);
  return config;
}

TEST_CASE("A configuration is loaded when it has no problem") {
  auto reader = ConfigReader::FromText(R"({"admin":{"listen":"127.0.0.1:0"},"answer":42})");
  REQUIRE_THAT(reader, IsOk());

  const auto config = LoadConfig(*std::move(reader), ReadConfig);

  REQUIRE_THAT(config, IsOk());
  CHECK(config->answer == 42);
}

TEST_CASE("A configuration with problems reports all of them") {
  auto reader = ConfigReader::FromText(R"({"environment":"moon","answer":0,"colour":"red"})");
  REQUIRE_THAT(reader, IsOk());

  const auto config = LoadConfig(*std::move(reader), ReadConfig);

  REQUIRE_THAT(config, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  std::vector<std::string> fields;
  for (const FieldViolation& field : FieldsOf(config.status())) fields.push_back(field.field);
  CHECK(fields == std::vector<std::string>{"environment", "admin.listen", "answer", "colour"});
}

}  // namespace
}  // namespace shodan::service
