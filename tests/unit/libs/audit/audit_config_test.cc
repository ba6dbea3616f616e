// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/audit_config.h"

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::audit {
namespace {

namespace json = boost::json;
using testing::IsOk;
using testing::TemporaryDirectory;

struct Read {
  AuditConfig config;
  std::vector<std::string> problems;
};

Read ReadFrom(const json::object& audit, bool development, bool counts_reads = true) {
  absl::StatusOr<ConfigReader> reader =
      ConfigReader::FromText(json::serialize(json::object{{"audit", audit}}));
  REQUIRE_THAT(reader, IsOk());
  Read read;
  read.config = ReadAuditConfig(*reader, development, counts_reads);
  for (const FieldViolation& field : FieldsOf(reader->Finish())) {
    read.problems.push_back(field.field);
  }
  return read;
}

TEST_CASE("The seal key is 32 bytes in base64url or base64") {
  const TemporaryDirectory directory;
  const std::string key = "0123456789abcdef\xff\xfe\xfd 123456789abc";
  REQUIRE(key.size() == 32);

  for (const std::string& text : {Base64UrlEncode(key), Base64Encode(key) + "\n"}) {
    const Read read = ReadFrom({{"seal_key_file", directory.Write("key", text)}}, false);
    CHECK(read.problems.empty());
    CHECK(read.config.seal_key == Secret(key));
  }
}

TEST_CASE("A seal key of another length, or no key at all, is a problem that names the setting") {
  const TemporaryDirectory directory;

  for (const std::string& text :
       {Base64UrlEncode(std::string(31, 'k')), Base64UrlEncode(std::string(33, 'k')),
        std::string("not base64"), std::string(32, 'k') + "!"}) {
    CAPTURE(text);
    CHECK(ReadFrom({{"seal_key_file", directory.Write("key", text)}}, true).problems ==
          std::vector<std::string>{"audit.seal_key_file"});
  }
  CHECK(ReadFrom({{"seal_key_file", (directory.path() / "absent").string()}}, true).problems ==
        std::vector<std::string>{"audit.seal_key_file"});
}

TEST_CASE("Only a development configuration does without a seal key") {
  CHECK(ReadFrom({}, /*development=*/false).problems ==
        std::vector<std::string>{"audit.seal_key_file"});
  const Read read = ReadFrom({}, /*development=*/true);
  CHECK(read.problems.empty());
  CHECK(read.config.seal_key.empty());
}

TEST_CASE("The interval of read counts is a setting of services that hand out secrets only") {
  const json::object audit = {{"read_count_interval_ms", 20}};

  CHECK(ReadFrom(audit, true, true).config.read_count_interval == std::chrono::milliseconds(20));
  CHECK(ReadFrom(audit, true, false).problems ==
        std::vector<std::string>{"audit.read_count_interval_ms"});
}

TEST_CASE("The description holds the settings and not the key") {
  const TemporaryDirectory directory;
  const std::string encoded = Base64UrlEncode(std::string(32, 'k'));
  const std::string file = directory.Write("key", encoded);

  const json::object described = DescribeAuditConfig(
      ReadFrom({{"seal_key_file", file}, {"seal_interval_ms", 70}}, false).config, true);

  const json::object expected = {
      {"seal_key_file", file}, {"seal_interval_ms", 70}, {"read_count_interval_ms", 10'000}};
  CHECK(described == expected);
}

}  // namespace
}  // namespace shodan::audit
