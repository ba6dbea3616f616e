// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/timestamp.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::postgres {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const Time kEpoch{};

TEST_CASE("Times are written in UTC with microseconds") {
  CHECK(FormatTimestamp(kEpoch) == "1970-01-01 00:00:00.000000+00");
  CHECK(FormatTimestamp(kEpoch + seconds(951'782'400) + microseconds(42)) ==
        "2000-02-29 00:00:00.000042+00");
  CHECK(FormatTimestamp(kEpoch - microseconds(1)) == "1969-12-31 23:59:59.999999+00");
}

TEST_CASE("What is finer than a microsecond is cut off towards the past") {
  CHECK(FormatTimestamp(kEpoch + nanoseconds(1999)) == "1970-01-01 00:00:00.000001+00");
  CHECK(FormatTimestamp(kEpoch - nanoseconds(1)) == "1969-12-31 23:59:59.999999+00");
}

TEST_CASE("Fractions of any length are read") {
  CHECK(ParseTimestamp("2000-02-29 00:00:00+00") == kEpoch + seconds(951'782'400));
  CHECK(ParseTimestamp("1970-01-01 00:00:00.5+00") == kEpoch + microseconds(500'000));
  CHECK(ParseTimestamp("1970-01-01 00:00:00.000001+00") == kEpoch + microseconds(1));
  CHECK(ParseTimestamp("1969-12-31 23:59:59.25+00") == kEpoch - microseconds(750'000));
}

TEST_CASE("Writing and reading a time gives the same time") {
  for (const Time time : {kEpoch, kEpoch + hours(400'000) + microseconds(123'456),
                          kEpoch - hours(400'000) - microseconds(1)}) {
    CHECK(ParseTimestamp(FormatTimestamp(time)) == time);
  }
}

TEST_CASE("Times that the type cannot hold become its ends") {
  CHECK(ParseTimestamp("infinity") == Time::max());
  CHECK(ParseTimestamp("294276-12-31 23:59:59+00") == Time::max());
  CHECK(ParseTimestamp("-infinity") == Time::min());
  CHECK(ParseTimestamp("1677-12-31 00:00:00+00") == Time::min());
  CHECK(ParseTimestamp("0044-03-15 12:00:00+00 BC") == Time::min());
}

TEST_CASE("Other texts are not times") {
  for (const char* text :
       {"", "2000-02-29", "2000-02-30 00:00:00+00", "2000-02-29 24:00:00+00",
        "2000-02-29 00:60:00+00", "2000-02-29T00:00:00+00", "2000-02-29 00:00:00",
        "2000-02-29 00:00:00+09", "2000-02-29 00:00:00.+00", "2000-02-29 00:00:00.1234567+00",
        "2000-02-29 00:00:00+00 AD"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTimestamp(text).has_value());
  }
}

}  // namespace
}  // namespace shodan::postgres
