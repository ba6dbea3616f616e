// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/number_text.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_CASE("A number is taken apart into plus sign, digits and extension") {
  struct Case {
    const char* written;
    bool international;
    const char* digits;
    const char* extension;
  };
  const Case cases[] = {
      {"0312345678", false, "0312345678", ""},
      {" \t\r\n03-1234-5678\r\n ", false, "0312345678", ""},
      {"(+81) 3 1234 5678", true, "81312345678", ""},
      {"[03] 1234/5678", false, "0312345678", ""},
      {"tel:+81-3-1234-5678", true, "81312345678", ""},
      {"TEL:+81-3-1234-5678", true, "81312345678", ""},
      {"tel: 03 1234 5678", false, "0312345678", ""},
      {"Tel. 03 1234 5678", false, "0312345678", ""},
      {"callto:+81312345678", true, "81312345678", ""},
      {"callto://+81312345678", true, "81312345678", ""},
      {"zoomphonecall://+81312345678", true, "81312345678", ""},
      {"03-1234-5678;ext=007", false, "0312345678", "007"},
      {"03-1234-5678;isub=1;ext=12", false, "0312345678", "12"},
      {"03-1234-5678;ext=1-2", false, "0312345678", "12"},
      {"tel:3-1234-5678;phone-context=+81", true, "81312345678", ""},
      {"tel:+81-3-1234-5678;phone-context=+44", true, "81312345678", ""},
      {"03-1234-5678 extn:12", false, "0312345678", "12"},
      {"03-1234-5678 - x 12", false, "0312345678", "12"},
      {"03-1234-5678 [#12]", false, "0312345678", "12"},
      {"1-800-FLOWERS", false, "18003569377", ""},
      {"1-800-FEDEXHQ x12", false, "18003333947", "12"},
  };

  for (const Case& one : cases) {
    INFO(one.written);

    const auto text = ReadNumberText(one.written);

    REQUIRE_THAT(text, IsOk());
    CHECK(text->international == one.international);
    CHECK(text->digits == one.digits);
    CHECK(text->extension == one.extension);
  }
}

TEST_CASE("Only letters after the first three digits count as digits") {
  const auto word = ReadNumberText("0800 REVERSE");

  REQUIRE_THAT(word, IsOk());
  CHECK(word->has_letters);
  CHECK(word->digits == "08007383773");
  CHECK_FALSE(ReadNumberText("0800 738 3773")->has_letters);
  CHECK_THAT(ReadNumberText("CALL 0800 738 3773"), IsError(kInvalid, "NUMBER_NOT_A_NUMBER"));
  CHECK_THAT(ReadNumberText("03-1234-5678 a"), IsError(kInvalid, "NUMBER_NOT_A_NUMBER"));
}

TEST_CASE("Nothing, or nothing but space, is an empty number") {
  for (const char* const written : {"", " ", "\t\r\n", "\u3000", "\u200B", "tel:", "callto://"}) {
    CHECK_THAT(ReadNumberText(written), IsError(kInvalid, "NUMBER_EMPTY"));
  }
}

TEST_CASE("What is not written like a phone number is refused") {
  const std::string_view written[] = {
      "hello",
      "-",
      "+",
      "()",
      "x12",
      "ext. 12",
      ";ext=12",
      "++81312345678",
      "+81+312345678",
      "03+12345678",
      "*67 03-1234-5678",
      "#31#0312345678",
      "03-1234-5678#",
      "03-1234-5678*12",
      "03-1234-5678?callerid=1",
      "03-1234-5678&cat=report",
      "03-1234-5678%2B",
      "03-1234-5678\n03-1234-5679",
      "03-1234\r5678",
      "sip:alice@example.com",
      "http://example.com/0312345678",
      "tel:tel:0312345678",
      "03-1234-5678;foo=bar",
      "03-1234-5678;ext=",
      "03-1234-5678;ext=12;ext=13",
      "03-1234-5678 x12;ext=13",
      "03-1234-5678 x123456789012345678901",
      "tel:1234;phone-context=example.com",
      "03~1234~5678",
      "03_1234_5678",
      "03'1234'5678",
      "<script>0312345678</script>",
  };

  for (const std::string_view one : written) {
    INFO(one);

    CHECK_THAT(ReadNumberText(one), IsError(kInvalid, "NUMBER_NOT_A_NUMBER"));
  }
}

}  // namespace
}  // namespace shodan::calllink
