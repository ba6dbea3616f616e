// SPDX-License-Identifier: Apache-2.0
#include "libs/http/target.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

using Segments = std::vector<std::string>;
using Query = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("ParseTarget decodes segments and parameters once") {
  const auto target =
      ParseTarget("/v1/users/a%2Fb%2520c/link:connect?code=a%2Bb+c&empty=&bare&&x=1");

  REQUIRE(target.ok());
  CHECK(target->segments == Segments{"v1", "users", "a/b%20c", "link:connect"});
  CHECK(target->query == Query{{"code", "a+b c"}, {"empty", ""}, {"bare", ""}, {"x", "1"}});
  CHECK(target->Path() == "/v1/users/a%2Fb%2520c/link%3Aconnect");
}

TEST_CASE("ParseTarget keeps a last empty segment") {
  CHECK(ParseTarget("/")->segments == Segments{""});
  CHECK(ParseTarget("/app/")->segments == Segments{"app", ""});
  CHECK(ParseTarget("/app")->segments == Segments{"app"});
}

TEST_CASE("ParseTarget refuses paths that two parsers could read differently") {
  for (const char* path :
       {"//a",        "/a//b",   "/.",      "/..",  "/a/../b", "/%2e", "/%2E%2e/b", "/a/.%2e",
        "/%00",       "/%0d%0a", "/%7f",    "/%",   "/%4",     "/%zz", "/%ff",      "/%c0%af",
        "/%ed%a0%80", "/a#b",    "/a;b\\c", "/[a]", "/^",      "a",    ""}) {
    CHECK(ReasonOf(ParseTarget(path).status()) == "TARGET_INVALID");
  }
}

TEST_CASE("ParseTarget refuses broken or oversized queries") {
  std::string many = "/?";
  for (int i = 0; i < 33; ++i) many += "a=1&";
  for (const std::string& target :
       {std::string("/?a=%"), std::string("/?a=%zz"), std::string("/?a=%00"),
        std::string("/?a=%ff"), std::string("/?a=<"), many,
        "/" + std::string("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a")}) {
    CHECK(ReasonOf(ParseTarget(target).status()) == "TARGET_INVALID");
  }
}

TEST_CASE("PercentEncode and ParseTarget are inverse for any text of a segment") {
  for (const char* text : {"a b", "山田", "a/b?c#d%", "~._-", "é"}) {
    CHECK(ParseTarget("/" + PercentEncode(text))->segments == Segments{text});
  }
}

TEST_CASE("IsUtf8 accepts the shortest forms only") {
  CHECK(IsUtf8("a\xC3\xA9\xE5\xB1\xB1\xF0\x9F\x93\x9E"));
  for (const char* text : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE5\xB1", "\xC3\x28"}) {
    CHECK_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace shodan::http
