// SPDX-License-Identifier: Apache-2.0
#include "libs/base/utf8.h"

#include <optional>
#include <string_view>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

TEST_CASE("only well-formed UTF-8 is counted") {
  struct Row {
    std::string_view text;
    std::optional<size_t> characters;
  };
  const Row rows[] = {
      {"", 0},
      {"plain", 5},
      {"\u00E9", 1},
      {"e\u0301", 2},
      {"\uFFFD", 1},
      {"\U0010FFFF", 1},
      {"\xC0\x80", std::nullopt},          // overlong NUL
      {"\xE0\x80\x80", std::nullopt},      // overlong
      {"\xF0\x80\x80\x80", std::nullopt},  // overlong
      {"\xED\xA0\x80", std::nullopt},      // surrogate
      {"\xF4\x90\x80\x80", std::nullopt},  // beyond U+10FFFF
      {"\x80", std::nullopt},              // continuation without a lead
      {"\xE6\x97", std::nullopt},          // cut off
      {"\xE6\x41\xA5", std::nullopt},
      {"\xE6\x97\x41", std::nullopt},
      {"\xF5\x80\x80\x80", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.text.size());
    CHECK(CountCharacters(row.text) == row.characters);
  }
}

}  // namespace
}  // namespace shodan
