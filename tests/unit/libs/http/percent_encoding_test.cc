// SPDX-License-Identifier: Apache-2.0
#include "libs/http/percent_encoding.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::http {
namespace {

TEST_CASE("HexValue reads the digits of both cases and nothing else") {
  const std::string digits = "0123456789abcdef";
  for (int c = 0; c < 256; ++c) {
    const char digit = static_cast<char>(c);
    const char lower = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit;
    const size_t at = c == 0 ? std::string::npos : digits.find(lower);
    INFO(c);
    CHECK(HexValue(digit) == (at == std::string::npos ? -1 : static_cast<int>(at)));
  }
}

TEST_CASE("PercentDecode decodes once, and a plus only where forms encode") {
  CHECK(PercentDecode("a%2Fb%252f+c", false) == "a/b%2f+c");
  CHECK(PercentDecode("a%2Bb+c", true) == "a+b c");
  CHECK(PercentDecode("", true) == "");
  CHECK(PercentDecode("%00%ff", false) == std::string("\0\xFF", 2));
}

TEST_CASE("PercentDecode refuses a percent sign without two digits") {
  for (const char* text : {"%", "a%", "%4", "a%4", "%g0", "%0g", "%%41", "%+1"}) {
    INFO(text);
    CHECK_FALSE(PercentDecode(text, true).has_value());
  }
}

TEST_CASE("HoldsControlCharacter finds C0 and DEL, not what lies above") {
  for (int c = 0; c < 256; ++c) {
    INFO(c);
    CHECK(HoldsControlCharacter(std::string("a") + static_cast<char>(c)) == (c < 32 || c == 127));
  }
}

}  // namespace
}  // namespace shodan::http
