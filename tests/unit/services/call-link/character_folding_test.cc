// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/character_folding.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "libs/base/strings.h"
#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::IsError;
using testing::IsOk;

TEST_CASE("Every way of writing digits and punctuation becomes ASCII") {
  struct Case {
    std::string_view written;
    const char* folded;
  };
  const Case cases[] = {
      {"０１２３４５６７８９", "0123456789"},
      {"٠١٢٣٤٥٦٧٨٩", "0123456789"},
      {"۰۱۲۳۴۵۶۷۸۹", "0123456789"},
      {"०१२३४५६७८९", "0123456789"},
      {"০১২৩৪৫৬৭৮৯", "0123456789"},
      {"๐๑๒๓๔๕๖๗๘๙", "0123456789"},
      {"＋８１", "+81"},
      {"﹢81", "+81"},
      {"（03）", "(03)"},
      {"［03］", "[03]"},
      {"0-1‐2‑3‒4–5—6―7−8－9ー0ｰ1﹣2", "0-1-2-3-4-5-6-7-8-9-0-1-2"},
      {"0\u00A01\u30002\u20093\u202F4\u205F5\t6", "0 1 2 3 4 5 6"},
      {"0·1・2．3", "0.1.2.3"},
      {"ＡＢｃＤ", "abcd"},
      {"12；34：56＃＊", "12;34:56#*"},
      {"12内線3", "12x3"},
      {"12доб3", "12x3"},
  };

  for (const Case& one : cases) {
    INFO(one.written);

    const auto folded = FoldCharacters(one.written);

    REQUIRE_THAT(folded, IsOk());
    CHECK(*folded == one.folded);
  }
}

TEST_CASE("Invisible marks that copying leaves behind disappear") {
  const auto folded = FoldCharacters("\u202A\u200E+81\u200B3\u00AD\u20601\uFEFF\u2068\u2069\u202C");

  REQUIRE_THAT(folded, IsOk());
  CHECK(*folded == "+8131");
}

TEST_CASE("Characters that turn the reading direction around are refused") {
  for (const std::string_view mark : {"\u202B", "\u202D", "\u202E", "\u2067"}) {
    CHECK_THAT(FoldCharacters(Join("03", mark, "12345678")),
               IsError(absl::StatusCode::kInvalidArgument, "NUMBER_NOT_A_NUMBER"));
  }
}

TEST_CASE("The message names the first character that does not belong") {
  const auto folded = FoldCharacters("03-1234📞5678");

  CHECK_THAT(folded, IsError(absl::StatusCode::kInvalidArgument, "NUMBER_NOT_A_NUMBER"));
  CHECK(folded.status().message() ==
        "The number contains a character that phone numbers do not have (U+1F4DE); remove it.");
}

TEST_CASE("Text that is not UTF-8 is refused") {
  const std::string_view broken[] = {"\x80",
                                     "\xC0\x80",
                                     "\xC3",
                                     "\xE0\x80\x80",
                                     "\xED\xA0\x80",
                                     "\xF0\x80\x80\x80",
                                     "\xF4\x90\x80\x80",
                                     "\xFF",
                                     "12\xE2\x82"};

  for (const std::string_view text : broken) {
    CHECK_THAT(FoldCharacters(text),
               IsError(absl::StatusCode::kInvalidArgument, "NUMBER_NOT_A_NUMBER"));
  }
}

}  // namespace
}  // namespace shodan::calllink
