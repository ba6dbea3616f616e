// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/envelope.h"

#include <catch2/catch.hpp>

#include "services/automation/domain/webhooks/zoom_time.h"
#include "tests/support/status_matchers.h"

namespace shodan::automation {
namespace {

using testing::IsError;
using testing::IsOk;

Time Milliseconds(int64_t count) { return Time(std::chrono::milliseconds(count)); }

}  // namespace

TEST_CASE("An event has a name, an account and a time, in whatever order its members stand",
          "[webhooks]") {
  const auto envelope = ReadEnvelope(
      R"({"payload":{"object":{"id":1},"account_id":"acc"},"event_ts":1617628462392,"event":"meeting.created"})");
  REQUIRE_THAT(envelope, IsOk());
  CHECK(envelope->event == "meeting.created");
  CHECK(envelope->account_id == "acc");
  CHECK(envelope->event_time == Milliseconds(1617628462392));
  CHECK(envelope->payload.contains("object"));
}

TEST_CASE("The time may stand in the payload, be a text, or be absent", "[webhooks]") {
  CHECK(ReadEnvelope(R"({"event":"a","payload":{"event_ts":1000}})")->event_time ==
        Milliseconds(1000));
  CHECK(ReadEnvelope(R"({"event":"a","payload":{"event_ts":"2024-09-08 15:58:40"}})")->event_time ==
        Milliseconds(1725811120000));
  CHECK_FALSE(ReadEnvelope(R"({"event":"a","payload":{}})")->event_time.has_value());
  CHECK_FALSE(
      ReadEnvelope(R"({"event":"a","payload":{},"event_ts":1e300})")->event_time.has_value());
}

TEST_CASE("Bodies that are no event are refused", "[webhooks]") {
  for (const char* body :
       {"", "null", "[]", "{", "{\"event\":\"a\",\"payload\":{}} x", R"({"event":"a"})",
        R"({"event":"a","payload":[]})", R"({"event":1,"payload":{}})",
        R"({"event":"","payload":{}})", R"({"event":"Meeting Created","payload":{}})",
        R"({"payload":{}})", "\xff"}) {
    INFO(body);
    CHECK_THAT(ReadEnvelope(body),
               IsError(absl::StatusCode::kInvalidArgument, "WEBHOOK_MALFORMED"));
  }
  CHECK_THAT(ReadEnvelope(R"({"event":")" + std::string(65, 'a') + R"(","payload":{}})"),
             IsError(absl::StatusCode::kInvalidArgument, "WEBHOOK_MALFORMED"));
  CHECK_THAT(ReadEnvelope(std::string(100'000, '[')),
             IsError(absl::StatusCode::kInvalidArgument, "WEBHOOK_MALFORMED"));
}

TEST_CASE("Every form of a deauthorization names user, account and time", "[webhooks]") {
  const auto read = [](const char* body) { return ReadDeauthorization(*ReadEnvelope(body)); };
  const auto present = read(
      R"({"event":"app_deauthorized","payload":{"account_id":"EabCDEFghiLHMA","user_id":"z9jkdsfsdfjhdkfjQ","signature":"827e","deauthorization_time":"2019-06-17T13:52:28.632Z","client_id":"ADZ"}})");
  REQUIRE_THAT(present, IsOk());
  CHECK(present->zoom_account_id == "EabCDEFghiLHMA");
  CHECK(present->zoom_user_id == "z9jkdsfsdfjhdkfjQ");
  CHECK(present->time == Milliseconds(1560779548632));

  CHECK(
      read(
          R"({"event":"app_deauthorized","event_ts":5000,"payload":{"user_id":"z","user_data_retention":"false"}})")
          ->time == Milliseconds(5000));
  CHECK(
      read(
          R"({"event":"app_deauthorized","payload":{"user_id":"z","event_ts":"2024-09-08 15:58:40"}})")
          ->time == Milliseconds(1725811120000));
  for (
      const char* body :
      {R"({"event":"app_deauthorized","payload":{"user_id":"z"}})",
       R"({"event":"app_deauthorized","payload":{"deauthorization_time":"2019-06-17T13:52:28Z"}})"}) {
    CHECK_THAT(read(body), IsError(absl::StatusCode::kInvalidArgument, "WEBHOOK_MALFORMED"));
  }
}

TEST_CASE("Zoom's forms of a time are read, others are none", "[webhooks]") {
  CHECK(ParseZoomTime("2021-07-13T21:44:51Z") == Milliseconds(1626212691000));
  CHECK(ParseZoomTime("2021-07-13T21:44:51.250Z") == Milliseconds(1626212691250));
  CHECK(ParseZoomTime("2021-07-13T23:44:51+02:00") == Milliseconds(1626212691000));
  CHECK(ParseZoomTime("2021-07-13T21:44:51") == Milliseconds(1626212691000));
  CHECK(ParseZoomTime("2021-07-13 21:44:51") == Milliseconds(1626212691000));
  for (const char* text : {"", "now", "2021-07-13", "1626212691", "1969-12-31T23:59:59Z",
                           "2300-01-01T00:00:00Z", "2021-02-30T00:00:00Z", "infinite-future"}) {
    INFO(text);
    CHECK_FALSE(ParseZoomTime(text).has_value());
  }
}

}  // namespace shodan::automation
