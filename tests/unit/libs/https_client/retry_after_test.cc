// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/retry_after.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

using std::chrono::seconds;

// 2020-05-31T00:00:00Z, a Sunday.
constexpr std::chrono::system_clock::time_point kNow{seconds(1'590'883'200)};
constexpr seconds kDay{24 * 3600};

TEST_CASE("A delay in seconds is taken as it is, from one second to one day") {
  CHECK(ParseRetryAfter("1", kNow) == seconds(1));
  CHECK(ParseRetryAfter("30", kNow) == seconds(30));
  CHECK(ParseRetryAfter("0086400", kNow) == kDay);
  CHECK(ParseRetryAfter("0", kNow) == seconds(1));
  CHECK(ParseRetryAfter("86401", kNow) == kDay);
  CHECK(ParseRetryAfter("9223372036854775807", kNow) == kDay);
  CHECK(ParseRetryAfter("99999999999999999999999999", kNow) == kDay);
}

TEST_CASE("An HTTP date is the time until then, in each of its three forms") {
  CHECK(ParseRetryAfter("Sun, 31 May 2020 00:01:40 GMT", kNow) == seconds(100));
  CHECK(ParseRetryAfter("Sunday, 31-May-20 00:01:40 GMT", kNow) == seconds(100));
  CHECK(ParseRetryAfter("Sun May 31 00:01:40 2020", kNow) == seconds(100));
  CHECK(ParseRetryAfter("Mon Jun  1 00:00:00 2020", kNow) == kDay);
}

TEST_CASE("An ISO 8601 time, as Zoom sends it, is the time until then") {
  CHECK(ParseRetryAfter("2020-05-31T00:00:30Z", kNow) == seconds(30));
  CHECK(ParseRetryAfter("2020-05-31T09:00:30+09:00", kNow) == seconds(30));
  CHECK(ParseRetryAfter("2020-05-31T00:00:30.250Z", kNow) == seconds(31));
}

TEST_CASE("Part of a second counts as a whole one") {
  CHECK(ParseRetryAfter("Sun, 31 May 2020 00:01:40 GMT", kNow + std::chrono::milliseconds(1)) ==
        seconds(100));
  CHECK(ParseRetryAfter("Sun, 31 May 2020 00:01:40 GMT", kNow - std::chrono::milliseconds(1)) ==
        seconds(101));
}

TEST_CASE("A date in the past is one second, one far ahead is one day") {
  CHECK(ParseRetryAfter("Sat, 30 May 2020 23:59:59 GMT", kNow) == seconds(1));
  CHECK(ParseRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT", kNow) == seconds(1));
  CHECK(ParseRetryAfter("Mon, 01 Jan 0001 00:00:00 GMT", kNow) == seconds(1));
  CHECK(ParseRetryAfter("0001-01-01T00:00:00Z", kNow) == seconds(1));
  CHECK(ParseRetryAfter("2020-06-02T00:00:00Z", kNow) == kDay);
  CHECK(ParseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", kNow) == kDay);
  CHECK(ParseRetryAfter("9999-12-31T23:59:59Z", kNow) == kDay);
}

TEST_CASE("Anything else says nothing") {
  for (const char* value : {"",
                            " ",
                            "-5",
                            "+5",
                            "1.5",
                            "1e3",
                            "0x10",
                            "5 seconds",
                            "soon",
                            "infinite-future",
                            "infinite-past",
                            "Sun, 31 May 2020",
                            "Sun, 31 Mai 2020 00:01:40 GMT",
                            "Sun, 32 May 2020 00:01:40 GMT",
                            "Sun, 31 May 2020 25:01:40 GMT",
                            "2020-05-31",
                            "2020-05-31T00:00:30",
                            "2020-13-31T00:00:30Z",
                            "00:01:40",
                            "5\r\n",
                            "\xff\xfe"}) {
    CAPTURE(value);
    CHECK_FALSE(ParseRetryAfter(value, kNow).has_value());
  }
  CHECK_FALSE(ParseRetryAfter(std::string(65, '1'), kNow).has_value());
  CHECK_FALSE(ParseRetryAfter(std::string("5\0", 2), kNow).has_value());
}

}  // namespace
}  // namespace shodan
