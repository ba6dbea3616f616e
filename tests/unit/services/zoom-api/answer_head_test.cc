// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/answer_head.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace shodan::zoomapi {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// 2020-05-30T21:00:00Z
const std::chrono::system_clock::time_point kNow{seconds(1'590'872'400)};

std::optional<milliseconds> PauseFor(const std::string& name, const std::string& value) {
  return PauseOf({{name, value}}, kNow);
}

}  // namespace

TEST_CASE("the fields that matter are passed on and no others", "[zoom-api]") {
  const AnswerHead head = HeadOf(200, 12,
                                 {{"content-type", "text/csv"},
                                  {"content-disposition", "attachment"},
                                  {"etag", "\"1\""},
                                  {"last-modified", "Sat, 30 May 2020 21:00:00 GMT"},
                                  {"retry-after", "1"},
                                  {"x-ratelimit-type", "QPS"},
                                  {"x-zm-trackingid", "v=2.0"},
                                  {"set-cookie", "a=b"},
                                  {"location", "https://evil.example/"},
                                  {"content-encoding", "gzip"},
                                  {"server", "nginx"}});
  CHECK(head.status == 200);
  CHECK(head.content_type == "text/csv");
  CHECK(head.content_length == 12);
  HeaderFields expected = {{"content-disposition", "attachment"},
                           {"etag", "\"1\""},
                           {"last-modified", "Sat, 30 May 2020 21:00:00 GMT"},
                           {"retry-after", "1"},
                           {"x-ratelimit-type", "QPS"},
                           {"x-zm-trackingid", "v=2.0"}};
  CHECK(head.headers == expected);
}

TEST_CASE("a field that would break a head, or is too long, is left out", "[zoom-api]") {
  const AnswerHead head = HeadOf(200, -1,
                                 {{"content-type", "text/html\r\nset-cookie: a=b"},
                                  {"etag", std::string(1'025, 'a')},
                                  {"last-modified", "\xff"}});
  CHECK(head.content_type.empty());
  CHECK(head.headers.empty());
}

TEST_CASE("Zoom's pause is read in every shape that it has", "[zoom-api]") {
  CHECK(PauseFor("retry-after", "7") == seconds(7));
  CHECK(PauseFor("retry-after", "Sat, 30 May 2020 21:00:30 GMT") == seconds(30));
  CHECK(PauseFor("retry-after", "2020-05-31T00:00:00Z") == hours(3));
  CHECK(PauseFor("x-ratelimit-reset", "1590872405") == seconds(5));
  CHECK(PauseFor("x-ratelimit-reset", "1590872000") == seconds(1));
  CHECK(PauseFor("x-ratelimit-reset", "4000000000") == hours(24));
  for (const char* nonsense : {"", "soon", "-5", "1590872405x", "99999999999999999999"}) {
    CHECK_FALSE(PauseFor("x-ratelimit-reset", nonsense).has_value());
  }
  CHECK(PauseFor("x-ratelimit-type", "QPS") == seconds(1));
  CHECK_FALSE(PauseFor("x-ratelimit-category", "Light").has_value());
  CHECK_FALSE(PauseOf({}, kNow).has_value());
}

TEST_CASE("the tracking id is cut where it stops being one", "[zoom-api]") {
  CHECK(TrackingIdOf({{"x-zm-trackingid", "v=2.0;clid=us02;rid=WEB_61ebc1"}}) ==
        "v=2.0;clid=us02;rid=WEB_61ebc1");
  CHECK(TrackingIdOf({{"x-zm-trackingid", "v=2.0 <b>"}}) == "v=2.0");
  CHECK(TrackingIdOf({{"x-zm-trackingid", std::string(500, 'a')}}).size() == 128);
  CHECK(TrackingIdOf({}).empty());
}

}  // namespace shodan::zoomapi
