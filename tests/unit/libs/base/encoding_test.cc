// SPDX-License-Identifier: Apache-2.0
#include "libs/base/encoding.h"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

// RFC 4648 section 10.
const std::pair<std::string, std::string> kRfcVectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};

std::string WithoutPadding(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST_CASE("Base64 gives the RFC 4648 vectors both ways") {
  for (const auto& [plain, encoded] : kRfcVectors) {
    CHECK(Base64Encode(plain) == encoded);
    CHECK(Base64Decode(encoded) == plain);
    CHECK(Base64UrlEncode(plain) == WithoutPadding(encoded));
    CHECK(Base64UrlDecode(WithoutPadding(encoded)) == plain);
  }
}

TEST_CASE("Every byte survives both alphabets at every alignment") {
  for (const size_t skip : {0U, 1U, 2U}) {
    const std::string bytes = AllBytes().substr(skip);

    CHECK(Base64Decode(Base64Encode(bytes)) == bytes);
    CHECK(Base64UrlDecode(Base64UrlEncode(bytes)) == bytes);
  }
}

TEST_CASE("The alphabets differ in the last two characters only") {
  CHECK(Base64Encode("\xfb\xff\xbf") == "+/+/");
  CHECK(Base64UrlEncode("\xfb\xff\xbf") == "-_-_");
  CHECK_FALSE(Base64Decode("-_-_").has_value());
  CHECK_FALSE(Base64UrlDecode("+/+/").has_value());
}

TEST_CASE("Base64url refuses padding, foreign characters, impossible lengths and trailing bits") {
  for (const char* text : {"Zg==", "Zm9v ", "Zm9v\n", "Z", "Zm9vY", "Zh", "Zm9"}) {
    CAPTURE(text);
    CHECK_FALSE(Base64UrlDecode(text).has_value());
  }
}

TEST_CASE("Base64 refuses missing, excess and misplaced padding and trailing bits") {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Z=g=", "Zh==", "Zm9="}) {
    CAPTURE(text);
    CHECK_FALSE(Base64Decode(text).has_value());
  }
}

TEST_CASE("Hexadecimal is lower case with two digits a byte") {
  CHECK(HexEncode(std::string("\x00\x0f\xa0\xff", 4)) == "000fa0ff");
  CHECK(HexEncode("").empty());
}

}  // namespace
}  // namespace shodan
