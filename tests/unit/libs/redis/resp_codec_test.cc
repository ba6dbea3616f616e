// SPDX-License-Identifier: Apache-2.0
#include "libs/redis/resp_codec.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::redis {
namespace {

using namespace std::string_literals;

// "nothing" when more bytes are needed, "error" when the bytes are refused.
std::string Show(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::kNil:
      return "nil";
    case Reply::Type::kString:
      return "string " + reply.text;
    case Reply::Type::kStatus:
      return "status " + reply.text;
    case Reply::Type::kError:
      return "error " + reply.text;
    case Reply::Type::kInteger:
      return "integer " + std::to_string(reply.integer);
    case Reply::Type::kArray: {
      std::string text = "[";
      for (const Reply& element : reply.elements) text += Show(element) + ",";
      return text + "]";
    }
  }
  return {};
}

std::string First(const std::string& bytes) {
  Decoder decoder;
  if (!decoder.Feed(bytes).ok()) return "refused";
  const auto reply = decoder.Next();
  if (!reply.ok()) return "refused";
  return reply->has_value() ? Show(**reply) : "nothing";
}

TEST_CASE("EncodeCommand writes arguments of any bytes") {
  CHECK(EncodeCommand({"SET", "k\r\n\0"s, ""}) ==
        "*3\r\n$3\r\nSET\r\n$4\r\nk\r\n\0\r\n$0\r\n\r\n"s);
}

TEST_CASE("Decoder reads every kind of reply") {
  CHECK(First("+OK\r\n") == "status OK");
  CHECK(First("-NOSCRIPT none\r\n") == "error NOSCRIPT none");
  CHECK(First(":-42\r\n") == "integer -42");
  CHECK(First("$5\r\na\r\nbc\r\n") == "string a\r\nbc");
  CHECK(First("$0\r\n\r\n") == "string ");
  CHECK(First("$-1\r\n") == "nil");
  CHECK(First("*-1\r\n") == "nil");
  CHECK(First("*0\r\n") == "[]");
  CHECK(First("*2\r\n*1\r\n:1\r\n$1\r\na\r\n") == "[[integer 1,],string a,]");
}

TEST_CASE("Decoder waits for the rest wherever the bytes are cut") {
  const std::string bytes = "*2\r\n$3\r\nfoo\r\n:7\r\n";
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    Decoder decoder;
    REQUIRE(decoder.Feed(bytes.substr(0, cut)).ok());
    REQUIRE_FALSE(decoder.Next()->has_value());
    REQUIRE(decoder.Feed(bytes.substr(cut)).ok());
    CHECK(Show(**decoder.Next()) == "[string foo,integer 7,]");
  }
}

TEST_CASE("Decoder hands out pipelined replies one by one") {
  Decoder decoder;
  REQUIRE(decoder.Feed("+a\r\n+b\r\n+").ok());

  CHECK(Show(**decoder.Next()) == "status a");
  CHECK(Show(**decoder.Next()) == "status b");
  CHECK_FALSE(decoder.Next()->has_value());
}

TEST_CASE("Decoder refuses what is not its protocol") {
  CHECK(First("HTTP/1.1 400\r\n") == "refused");
  CHECK(First("\r\n") == "refused");
}

TEST_CASE("Decoder refuses arrays that are too large before taking memory for them") {
  CHECK(First("*1025\r\n") == "refused");
  CHECK(First("*1073741824\r\n") == "refused");
  CHECK(First("*4294967296\r\n") == "refused");
}

TEST_CASE("Decoder refuses replies that nest too deep or do not end") {
  std::string deep;
  for (int i = 0; i < 12; ++i) deep += "*1\r\n";
  CHECK(First(deep) == "refused");
  CHECK(First("$2000000\r\n" + std::string(1'100'000, 'a')) == "refused");
}

}  // namespace
}  // namespace shodan::redis
