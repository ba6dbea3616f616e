// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/strings.h"
#include "services/call-link/domain/call_link_builder.h"
#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::IsError;

struct Case {
  const char* default_region;
  std::string written;
  const char* reason;
};

TEST_CASE("Each way a number can be wrong has its own reason") {
  const CallLinkBuilder builder;
  const Case cases[] = {
      {"JP", "", "NUMBER_EMPTY"},
      {"", "   ", "NUMBER_EMPTY"},
      {"JP", "tel:", "NUMBER_EMPTY"},
      {"JP", std::string(251, '1'), "NUMBER_TOO_LONG"},
      {"JP", std::string(251, ' '), "NUMBER_TOO_LONG"},
      {"JP", "not a number", "NUMBER_NOT_A_NUMBER"},
      {"JP", "03-1234-5678 ask for Ann", "NUMBER_NOT_A_NUMBER"},
      {"JP",
       std::string("03\0"
                   "12345678",
                   11),
       "NUMBER_NOT_A_NUMBER"},
      {"", "03-1234-5678", "NUMBER_REGION_REQUIRED"},
      {"", "12", "NUMBER_REGION_REQUIRED"},
      {"", "(212) 555-0123", "NUMBER_REGION_REQUIRED"},
      {"JP", "1", "NUMBER_TOO_SHORT"},
      {"JP", "1234", "NUMBER_TOO_SHORT"},
      {"US", "12345", "NUMBER_TOO_SHORT"},
      {"", "+1 212", "NUMBER_TOO_SHORT"},
      {"", "+8", "NUMBER_TOO_SHORT"},
      {"", "+81", "NUMBER_TOO_SHORT"},
      {"US", "555-0123", "NUMBER_TOO_SHORT"},
      {"DE", "116117", "NUMBER_TOO_SHORT"},
      {"GB", "00 81 3", "NUMBER_TOO_SHORT"},
      {"US", "(212) 555-01234", "NUMBER_TOO_MANY_DIGITS"},
      {"GB", "020 7946 0958 1", "NUMBER_TOO_MANY_DIGITS"},
      {"JP", "03-1234-5678 / 03-1234-5679", "NUMBER_TOO_MANY_DIGITS"},
      {"", "+81 3 1234 5678 9012 3456", "NUMBER_TOO_MANY_DIGITS"},
      {"", "+49 30 1234 5678 9012 34", "NUMBER_TOO_MANY_DIGITS"},
      {"JP", std::string(250, '1'), "NUMBER_TOO_MANY_DIGITS"},
      {"", "+999 1234 5678", "NUMBER_UNKNOWN_COUNTRY_CODE"},
      {"", "+0 3 1234 5678", "NUMBER_UNKNOWN_COUNTRY_CODE"},
      {"US", "+210 1234 5678", "NUMBER_UNKNOWN_COUNTRY_CODE"},
      {"JP", "0081 3 1234 5678", "NUMBER_UNKNOWN_COUNTRY_CODE"},
      {"NO", "+47 123 4567", "NUMBER_IMPOSSIBLE_LENGTH"},
      {"CR", "2212 34567", "NUMBER_IMPOSSIBLE_LENGTH"},
      {"US", "0312345678", "NUMBER_IMPOSSIBLE_LENGTH"},
      {"JP", "110", "NUMBER_EMERGENCY"},
      {"XX", "03-1234-5678", "NUMBER_REGION_INVALID"},
      {"JPN", "03-1234-5678", "NUMBER_REGION_INVALID"},
      {"J", "03-1234-5678", "NUMBER_REGION_INVALID"},
      {"001", "+80012345678", "NUMBER_REGION_INVALID"},
      {"ZZ", "+81312345678", "NUMBER_REGION_INVALID"},
      {"日本", "03-1234-5678", "NUMBER_REGION_INVALID"},
  };

  for (const Case& one : cases) {
    INFO('"' << one.default_region << "\" \"" << one.written << '"');

    const auto link = builder.Build(one.written, one.default_region);

    CHECK_THAT(link, IsError(absl::StatusCode::kInvalidArgument, one.reason));
  }
}

TEST_CASE("Refusals say what to write instead, with an example of the country") {
  const CallLinkBuilder builder;
  struct Expected {
    const char* default_region;
    const char* written;
    const char* message;
  };
  const Expected cases[] = {
      {"", "03-1234-5678",
       "It is not known which country this number belongs to; write it with + and the country "
       "code, "
       "for example +81 3-1234-5678, or give a default region."},
      {"US", "555-0123",
       "The area code is missing; write the number with it, for example +1 201-555-0123."},
      {"CA", "555-0123",
       "The area code is missing; write the number with it, for example +1 506-234-5678."},
      {"GB", "020 7946 0958 1",
       "There are more digits in it than a phone number in GB has; write one number, for example "
       "+44 121 234 5678."},
      {"JP", "1234",
       "There are fewer digits in it than a phone number in JP has; write the whole number, for "
       "example +81 3-1234-5678."},
      {"JP", "110", "This reaches an emergency service, which links never dial; use a telephone."},
      {"US", "0312345678",
       "Numbers of the country +1 do not begin with 0; if this is a number of another country, "
       "write it with + and that country's code."},
  };

  for (const Expected& one : cases) {
    const auto link = builder.Build(one.written, one.default_region);

    REQUIRE_FALSE(link.ok());
    CHECK(ToStd(link.status().message()) == one.message);
  }
}

TEST_CASE("The limit of 250 bytes counts what was written, punctuation included") {
  const CallLinkBuilder builder;

  CHECK(builder.Build("+81312345678" + std::string(238, ' '), "").ok());
  CHECK_THAT(builder.Build("+81312345678" + std::string(239, ' '), ""),
             IsError(absl::StatusCode::kInvalidArgument, "NUMBER_TOO_LONG"));
}

}  // namespace
}  // namespace shodan::calllink
