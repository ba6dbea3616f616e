// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/metadata.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::account_link {
namespace {

std::string Deep(int levels) {
  std::string text = "1";
  for (int i = 0; i < levels; ++i) text = "{\"a\":" + text + "}";
  return text;
}

TEST_CASE("metadata is a JSON object within its bounds") {
  for (const std::string& text :
       {std::string("{}"), std::string(R"({"a":[1,{"b":null}],"c":"\u00e9"})"), Deep(16),
        R"({"a":")" + std::string(16'000, 'x') + "\"}"}) {
    CAPTURE(text);
    RequestCheck check;
    CHECK_FALSE(CheckMetadata(text, check).empty());
    CHECK(check.Finish().ok());
  }
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("1"), std::string("{"), std::string("{} {}"),
        std::string(R"({"a":"\u0000"})"), std::string(R"({"\u0000":1})"),
        std::string(R"({"a":["x",{"b":"\u0000"}]})"), std::string("{\"a\":\"\xff\"}"), Deep(40),
        R"({"a":")" + std::string(17'000, 'x') + "\"}"}) {
    CAPTURE(text);
    RequestCheck check;
    CHECK(CheckMetadata(text, check).empty());
    CHECK_FALSE(check.Finish().ok());
  }
}

}  // namespace
}  // namespace shodan::account_link
