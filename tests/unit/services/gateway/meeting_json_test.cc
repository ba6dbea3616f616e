// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/meeting_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/gateway/handlers/field_checks.h"

namespace shodan::gateway {
namespace {

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-0123456789ab";
constexpr char kOtherId[] = "0a1b2c3d-0000-4000-8000-0123456789ac";

http::JsonBody BodyOf(const std::string& text) { return *http::JsonBody::ParseText(text); }

std::string FieldNames(const absl::Status& status) {
  std::string names;
  for (const FieldViolation& field : FieldsOf(status)) {
    names.append(names.empty() ? "" : " ").append(field.field).append(":").append(field.reason);
  }
  return names;
}

TEST_CASE("A meeting has every member, null where Zoom told nothing") {
  CHECK(boost::json::serialize(ToJson(ZoomMeeting{})) ==
        R"({"meetingId":null,"uuid":null,"topic":null,"type":null,"startTime":null,)"
        R"("durationMinutes":null,"timezone":null,"agenda":null,"password":null,"settings":null,)"
        R"("recurrence":null,"joinUrl":null,"startUrl":null,"registrationUrl":null,"status":null,)"
        R"("hostId":null,"hostEmail":null,"createTime":null,"occurrences":[]})");
}

TEST_CASE("A meeting's number stays a text, its settings an object, its dates a list") {
  ZoomMeeting meeting;
  meeting.meeting_id = "9223372036854775807";
  meeting.type = "scheduled";
  meeting.duration_minutes = 30;
  meeting.settings = boost::json::parse(R"({"waiting_room":true})").as_object();
  meeting.occurrences.push_back({"1", std::nullopt, 60, "available"});
  const auto json = ToJson(meeting);

  CHECK(json.at("meetingId") == "9223372036854775807");
  CHECK(json.at("type") == "scheduled");
  CHECK(json.at("durationMinutes") == 30);
  CHECK(json.at("settings").at("waiting_room") == true);
  CHECK(json.at("occurrences").at(0).at("occurrenceId") == "1");
  CHECK(json.at("occurrences").at(0).at("durationMinutes") == 60);
}

TEST_CASE("A registrant is shown with the answers to the meeting's questions") {
  ZoomRegistrant registrant;
  registrant.registrant_id = "r";
  registrant.email = "a@b.example";
  registrant.custom_questions.push_back({"Why?", ""});
  const auto json = ToJson(registrant);

  CHECK(json.at("registrantId") == "r");
  CHECK(json.at("email") == "a@b.example");
  CHECK(json.at("lastName").is_null());
  CHECK(json.at("customQuestions").at(0).at("value") == "");
}

TEST_CASE("What a body tells about a meeting is read, and wrong types are named") {
  auto body =
      BodyOf(R"({"topic":"T","type":"recurring_fixed_time","startTime":"2026-01-01T00:00:00Z",)"
             R"("durationMinutes":1440,"settings":{"audio":"both"},"recurrence":{"type":1}})");
  const ZoomMeeting meeting = ReadMeeting(body);
  REQUIRE(body.Finish().ok());
  CHECK(meeting.topic == "T");
  CHECK(meeting.type == "recurring_fixed_time");
  CHECK(meeting.duration_minutes == 1440);
  CHECK(meeting.settings->at("audio") == "both");
  CHECK_FALSE(meeting.agenda.has_value());
  CHECK(HoldsChange(meeting));
  CHECK_FALSE(HoldsChange(ZoomMeeting{}));

  auto wrong =
      BodyOf(R"({"topic":1,"type":"weekly","durationMinutes":0,"settings":[],"joinUrl":"x"})");
  ReadMeeting(wrong);
  CHECK(FieldNames(wrong.Finish()) ==
        "topic:WRONG_TYPE type:OUT_OF_RANGE durationMinutes:OUT_OF_RANGE settings:WRONG_TYPE "
        "joinUrl:UNKNOWN");
}

TEST_CASE("A registrant needs an e-mail address and a first name") {
  auto body = BodyOf(R"({"customQuestions":[{"title":"Why?"}]})");
  ReadRegistrant(body);
  CHECK(FieldNames(body.Finish()) ==
        "email:REQUIRED firstName:REQUIRED customQuestions[0].value:REQUIRED");
}

TEST_CASE("The request id is the body's or the header field's, and they must not differ") {
  const auto read = [](const std::string& json, const std::string& key, bool required) {
    auto body = BodyOf(json);
    http::RequestHead head;
    if (!key.empty()) head.fields.Add("Idempotency-Key", key);
    const std::string id = ReadRequestId(body, head, required);
    const absl::Status status = body.Finish();
    return status.ok() ? id : FieldNames(status);
  };
  const std::string of_body = R"({"requestId":")" + std::string(kId) + R"("})";

  CHECK(read(of_body, "", true) == kId);
  CHECK(read("{}", kId, true) == kId);
  CHECK(read(of_body, kId, true) == kId);
  CHECK(read(of_body, kOtherId, true) == "requestId:CONFLICT");
  CHECK(read("{}", "", true) == "requestId:REQUIRED");
  CHECK(read("{}", "", false).size() == 36);
  CHECK(read("{}", "x", false) == "Idempotency-Key:MALFORMED");
  CHECK(read(R"({"requestId":"x"})", "", false) == "requestId:MALFORMED");
  CHECK(read(R"({"requestId":""})", "", true) == "requestId:MALFORMED");
  CHECK(read(R"({"requestId":7})", "", true) == "requestId:WRONG_TYPE");
}

}  // namespace
}  // namespace shodan::gateway
