// SPDX-License-Identifier: Apache-2.0
#include "libs/service/common_config.h"

#include <string>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::service {
namespace {

using testing::IsOk;

struct Read {
  CommonConfig config;
  absl::Status status;
};

Read ReadText(const std::string& text) {
  absl::StatusOr<ConfigReader> reader = ConfigReader::FromText(text);
  REQUIRE_THAT(reader, IsOk());
  CommonConfig config = ReadCommonConfig(*reader);
  return {std::move(config), reader->Finish()};
}

TEST_CASE("The defaults are those of production") {
  const Read read = ReadText(R"({"admin":{"listen":"127.0.0.1:9000"}})");

  REQUIRE_THAT(read.status, IsOk());
  CHECK_FALSE(read.config.development());
  CHECK(read.config.log_level == LogLevel::kInfo);
  CHECK(read.config.admin_listen == "127.0.0.1:9000");
  CHECK_FALSE(read.config.port_file.has_value());
  CHECK(read.config.crash_points.empty());
}

TEST_CASE("Every common key is read") {
  const Read read =
      ReadText(R"({"environment":"development","log_level":"debug","admin":{"listen":"[::1]:0"},)"
               R"("port_file":"/run/ports.json","crash_points":["a.b","c.d"]})");

  REQUIRE_THAT(read.status, IsOk());
  CHECK(read.config.development());
  CHECK(read.config.log_level == LogLevel::kDebug);
  CHECK(read.config.admin_listen == "[::1]:0");
  CHECK(read.config.port_file == "/run/ports.json");
  CHECK(read.config.crash_points == std::set<std::string>{"a.b", "c.d"});
}

TEST_CASE("Production refuses crash points") {
  const Read read = ReadText(R"({"admin":{"listen":"127.0.0.1:0"},"crash_points":["a.b"]})");

  REQUIRE_FALSE(read.status.ok());
  CHECK(FieldsOf(read.status)[0].field == "crash_points");
}

TEST_CASE("A listen address is an IP address and a port") {
  for (const char* const good : {"127.0.0.1:0", "0.0.0.0:8443", "[::]:65535", "[::1]:1"}) {
    INFO(good);
    CHECK(ReadText(R"({"admin":{"listen":")" + std::string(good) + "\"}}").status.ok());
  }
  for (const char* const bad :
       {"localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1: 1", "::1:80", "[::1]", ":80", "unix:/tmp/x", "256.1.1.1:1"}) {
    INFO(bad);
    const Read read = ReadText(R"({"admin":{"listen":")" + std::string(bad) + "\"}}");
    REQUIRE_FALSE(read.status.ok());
    CHECK(FieldsOf(read.status)[0].field == "admin.listen");
  }
}

TEST_CASE("The description shows every effective value") {
  const Read read = ReadText(
      R"({"environment":"development","admin":{"listen":"127.0.0.1:0"},"crash_points":["a.b"]})");

  CHECK(boost::json::serialize(DescribeCommonConfig(read.config)) ==
        R"({"environment":"development","log_level":"info","admin":{"listen":"127.0.0.1:0"},)"
        R"("port_file":null,"crash_points":["a.b"]})");
}

}  // namespace
}  // namespace shodan::service
