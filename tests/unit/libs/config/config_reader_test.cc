// SPDX-License-Identifier: Apache-2.0
#include "libs/config/config_reader.h"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;

ConfigReader Reader(std::string_view json) {
  auto reader = ConfigReader::FromText(json);
  REQUIRE_THAT(reader, IsOk());
  return *std::move(reader);
}

// "path REASON" of every problem, sorted.
std::vector<std::string> Problems(ConfigReader& reader) {
  std::vector<std::string> problems;
  for (const FieldViolation& field : FieldsOf(reader.Finish())) {
    problems.push_back(field.field + " " + field.reason);
  }
  std::sort(problems.begin(), problems.end());
  return problems;
}

using Lines = std::vector<std::string>;

TEST_CASE("Values of every kind are read as written") {
  ConfigReader reader = Reader(R"({"text":"t","number":7,"flag":true,"list":["a","b"],
      "map":{"y":"1","x":"2"},"choice":"post","grpc":{"listen":"127.0.0.1:0"},
      "items":[{"id":"one"},{"id":"two"}]})");

  CHECK(reader.String("text") == "t");
  CHECK(reader.Integer("number", 1, 10, std::nullopt) == 7);
  CHECK(reader.Bool("flag", false));
  CHECK(reader.Strings("list") == Lines{"a", "b"});
  CHECK(reader.StringMap("map") ==
        std::vector<std::pair<std::string, std::string>>{{"y", "1"}, {"x", "2"}});
  CHECK(reader.Choice("choice", {"basic", "post"}, "basic") == "post");
  CHECK(reader.Object("grpc").String("listen") == "127.0.0.1:0");
  std::vector<ConfigReader> items = reader.Objects("items");
  REQUIRE(items.size() == 2);
  CHECK(items[0].String("id") == "one");
  CHECK(items[1].String("id") == "two");
  CHECK_THAT(reader.Finish(), IsOk());
}

TEST_CASE("Absent and null values take their defaults") {
  const auto json = GENERATE(R"({})", R"({"text":null,"number":null,"flag":null,"list":null,
      "map":null,"choice":null,"items":null,"file":null})");
  ConfigReader reader = Reader(json);

  CHECK(reader.String("text", "default") == "default");
  CHECK_FALSE(reader.OptionalString("text").has_value());
  CHECK(reader.Integer("number", 1, 10, 3) == 3);
  CHECK(reader.Bool("flag", true));
  CHECK(reader.Strings("list").empty());
  CHECK(reader.StringMap("map").empty());
  CHECK(reader.Choice("choice", {"a", "b"}, "b") == "b");
  CHECK(reader.Objects("items").empty());
  CHECK(reader.SecretFile("file", true).empty());
  CHECK_FALSE(reader.Has("text"));
  CHECK_THAT(reader.Finish(), IsOk());
}

TEST_CASE("A missing required key is reported with its full path") {
  ConfigReader reader = Reader(R"({"empty":""})");
  reader.String("name");
  reader.String("empty");
  reader.Integer("size", 1, 2, std::nullopt);
  reader.Choice("mode", {"a"}, "");
  ConfigReader grpc = reader.Object("grpc");
  grpc.String("listen");
  grpc.Object("tls").TextFile("ca_file");

  CHECK(Problems(reader) == Lines{"empty EMPTY", "grpc.listen REQUIRED",
                                  "grpc.tls.ca_file REQUIRED", "mode REQUIRED", "name REQUIRED",
                                  "size REQUIRED"});
}

TEST_CASE("A value of the wrong type is reported and reads as its default") {
  ConfigReader reader = Reader(R"({"text":1,"number":"7","real":1.5,"flag":"true","list":"a",
      "items":[1,{}],"map":{"k":2},"object":[],"elements":["a",1,""]})");

  CHECK(reader.String("text", "d") == "d");
  CHECK(reader.Integer("number", 1, 10, 3) == 3);
  CHECK(reader.Integer("real", 1, 10, 3) == 3);
  CHECK_FALSE(reader.Bool("flag", false));
  reader.Strings("list");
  CHECK(reader.Objects("items").size() == 1);
  reader.StringMap("map");
  reader.Object("object");
  reader.Strings("elements");

  CHECK(Problems(reader) == Lines{"elements[1] WRONG_TYPE", "elements[2] WRONG_TYPE",
                                  "flag WRONG_TYPE", "items[0] WRONG_TYPE", "list WRONG_TYPE",
                                  "map.k WRONG_TYPE", "number WRONG_TYPE", "object WRONG_TYPE",
                                  "real WRONG_TYPE", "text WRONG_TYPE"});
}

TEST_CASE("A string that is required but of the wrong type is one problem, not two") {
  ConfigReader reader = Reader(R"({"text":1})");
  reader.String("text");

  CHECK(Problems(reader) == Lines{"text WRONG_TYPE"});
}

TEST_CASE("An integer is held to its bounds, also beyond 63 bits") {
  ConfigReader reader =
      Reader(R"({"low":0,"high":11,"huge":18446744073709551615,"first":1,"last":10})");

  CHECK(reader.Integer("low", 1, 10, 5) == 5);
  CHECK(reader.Integer("high", 1, 10, 5) == 5);
  CHECK(reader.Integer("huge", 1, 10, 5) == 5);
  CHECK(reader.Integer("first", 1, 10, 5) == 1);
  CHECK(reader.Integer("last", 1, 10, 5) == 10);
  CHECK(Problems(reader) == Lines{"high OUT_OF_RANGE", "huge OUT_OF_RANGE", "low OUT_OF_RANGE"});
}

TEST_CASE("A choice outside its list is reported with the list") {
  ConfigReader reader = Reader(R"({"mode":"off"})");
  reader.Choice("mode", {"disable", "require"}, "require");

  const absl::Status status = reader.Finish();

  CHECK_THAT(status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(status.message() == "mode: must be one of: disable, require");
}

TEST_CASE("Keys that nobody reads are reported wherever they are") {
  ConfigReader reader = Reader(
      R"({"known":"x","unknwon":1,"grpc":{"listen":"x","lisen":"y"},"items":[{},{"odd":1}],"admin":{}})");
  reader.String("known");
  reader.Object("grpc").String("listen");
  reader.Objects("items");

  CHECK(Problems(reader) == Lines{"admin UNKNOWN_KEY", "grpc.lisen UNKNOWN_KEY",
                                  "items[1].odd UNKNOWN_KEY", "unknwon UNKNOWN_KEY"});
}

TEST_CASE("Asking whether a key is there does not count as reading it") {
  ConfigReader reader = Reader(R"({"key":1})");
  CHECK(reader.Has("key"));

  CHECK(Problems(reader) == Lines{"key UNKNOWN_KEY"});
}

TEST_CASE("A key with the value null is known once it was asked for") {
  ConfigReader reader = Reader(R"({"key":null})");
  CHECK_FALSE(reader.Has("key"));

  CHECK_THAT(reader.Finish(), IsOk());
}

TEST_CASE("Problems of the caller carry the path of their object") {
  ConfigReader reader = Reader(R"({"items":[{"url":"ftp://x"}]})");
  ConfigReader item = std::move(reader.Objects("items")[0]);
  item.String("url");
  item.AddProblem("url", "must use https");
  item.AddProblem("", "is incomplete");

  CHECK(Problems(reader) == Lines{"items[0] INVALID", "items[0].url INVALID"});
}

TEST_CASE("A nested reader outlives the outer one") {
  ConfigReader inner = Reader(R"({"grpc":{"listen":"x"}})").Object("grpc");
  CHECK(inner.String("listen") == "x");
}

TEST_CASE("Files are read by path, without white space around their content") {
  const testing::TemporaryDirectory directory;
  const std::string secret = directory.Write("secret", "\n  s3cret value \r\n");
  const std::string text = directory.Write("text", "-----BEGIN-----\n");
  ConfigReader reader =
      Reader(R"({"secret_file":")" + secret + R"(","text_file":")" + text + R"("})");

  CHECK(reader.SecretFile("secret_file").Expose(SecretAccess::ForTest()) == "s3cret value");
  CHECK(reader.TextFile("text_file") == "-----BEGIN-----");
  CHECK_THAT(reader.Finish(), IsOk());
}

TEST_CASE("Files that are missing, empty or too large are problems of their key") {
  const testing::TemporaryDirectory directory;
  const std::string empty = directory.Write("empty", " \n");
  const std::string large = directory.Write("large", std::string((size_t{1} << 20U) + 1, 'x'));
  ConfigReader reader = Reader(R"({"a_file":"/nonexistent/file","b_file":")" + empty +
                               R"(","c_file":")" + large + R"("})");
  reader.SecretFile("a_file");
  reader.SecretFile("b_file", true);
  reader.TextFile("c_file");

  CHECK(Problems(reader) ==
        Lines{"a_file FILE_UNREADABLE", "b_file FILE_EMPTY", "c_file FILE_UNREADABLE"});
}

TEST_CASE("Text that is not one JSON object is refused with the line of the mistake") {
  for (const char* text :
       {"", "[]", "\"x\"", "{\"a\":1} {}", "{\"a\":}", "// comment\n{}", "{'a':1}"}) {
    CAPTURE(text);
    CHECK_THAT(ConfigReader::FromText(text),
               IsError(absl::StatusCode::kInvalidArgument, "CONFIG_UNREADABLE"));
  }
  const auto broken = ConfigReader::FromText("{\n\"a\": 1,\n\"b\" 2\n}");
  CHECK(std::string(broken.status().message()).find("in line 3") != std::string::npos);
}

TEST_CASE("FromFile names the file that it cannot use") {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Write("config.json", "{");
  const std::string missing = (directory.path() / "missing.json").string();
  for (const std::string& file : {path, missing}) {
    const auto reader = ConfigReader::FromFile(file);

    CHECK_THAT(reader, IsError(absl::StatusCode::kInvalidArgument, "CONFIG_UNREADABLE"));
    CHECK(std::string(reader.status().message()).find(file) != std::string::npos);
  }
}

}  // namespace
}  // namespace shodan
