// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/meetings/meeting_json.h"

#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;
using testing::IsError;
using testing::IsOk;

// In the shape of Zoom's 201, with members that this service does not know.
constexpr std::string_view kMeeting = R"({
  "uuid":"/aDYlohsHRtCd4ii1uC2+A==","id":92674392836,"host_id":"30R7kT7bTIKSNUFEuH_Qlg",
  "host_email":"host@example.com","topic":"Product \u65e5\u672c Demo","type":8,"status":"waiting",
  "start_time":"2022-03-25T07:29:29Z","duration":60,"timezone":"America/Los_Angeles",
  "agenda":"Line one\nline two","created_at":"2022-03-20T07:29:29Z",
  "start_url":"https://example.com/s/11111","join_url":"https://example.com/j/11111",
  "password":"123456","h323_password":"123456","encrypted_password":"8pEkRweV.1",
  "registration_url":"https://example.com/meeting/register/7ks","pmi":"97891943927",
  "occurrences":[{"occurrence_id":"1648194360000","start_time":"2022-03-25T07:46:00Z",
                  "duration":45,"status":"available"},
                 {"occurrence_id":1648280760000,"status":"deleted"}],
  "settings":{"approval_type":0,"host_video":true,"alternative_hosts":"a@x.org;b@x.org",
              "meeting_invitees":[{"email":"c@x.org"}]},
  "recurrence":{"type":1,"repeat_interval":1,"end_times":7},
  "tracking_fields":[{"field":"f","value":"v"}],"pre_schedule":false,"assistant_id":null})";

std::string Message(const absl::Status& status) { return std::string(status.message()); }

}  // namespace

TEST_CASE("a meeting is read with everything that this service names", "[zoom-api]") {
  const auto meeting = ReadMeeting(kMeeting);

  REQUIRE_THAT(meeting, IsOk());
  CHECK(meeting->meeting_id == "92674392836");
  CHECK(meeting->uuid == "/aDYlohsHRtCd4ii1uC2+A==");
  CHECK(meeting->topic == "Product \u65E5\u672C Demo");
  CHECK(meeting->type == MeetingType::kRecurringFixedTime);
  CHECK(meeting->start_time == "2022-03-25T07:29:29Z");
  CHECK(meeting->duration_minutes == 60);
  CHECK(meeting->timezone == "America/Los_Angeles");
  CHECK(meeting->agenda == "Line one\nline two");
  CHECK(meeting->password == "123456");
  CHECK(meeting->join_url == "https://example.com/j/11111");
  CHECK(meeting->start_url == "https://example.com/s/11111");
  CHECK(meeting->registration_url == "https://example.com/meeting/register/7ks");
  CHECK(meeting->status == "waiting");
  CHECK(meeting->host_id == "30R7kT7bTIKSNUFEuH_Qlg");
  CHECK(meeting->host_email == "host@example.com");
  CHECK(meeting->create_time == "2022-03-20T07:29:29Z");
  REQUIRE(meeting->occurrences.size() == 2);
  CHECK(meeting->occurrences[0].occurrence_id == "1648194360000");
  CHECK(meeting->occurrences[0].start_time == "2022-03-25T07:46:00Z");
  CHECK(meeting->occurrences[0].duration_minutes == 45);
  CHECK(meeting->occurrences[0].status == "available");
  CHECK(meeting->occurrences[1].occurrence_id == "1648280760000");
  CHECK(meeting->settings ==
        json::parse(R"({"approval_type":0,"host_video":true,"alternative_hosts":"a@x.org;b@x.org",
                        "meeting_invitees":[{"email":"c@x.org"}]})")
            .get_object());
  CHECK(meeting->recurrence ==
        json::parse(R"({"type":1,"repeat_interval":1,"end_times":7})").get_object());
}

TEST_CASE("an id keeps every digit, as a number and as a text", "[zoom-api]") {
  const std::pair<const char*, const char*> rows[] = {
      {"85746065", "85746065"},
      {"\"97763643886\"", "97763643886"},
      {"4294967297", "4294967297"},
      {"9007199254740993", "9007199254740993"},
      {"9223372036854775807", "9223372036854775807"},
      {"18446744073709551615", "18446744073709551615"},
      {"1e3", "1000"},
  };
  for (const auto& [written, id] : rows) {
    INFO(written);
    const auto meeting = ReadMeeting(std::string("{\"id\":") + written + "}");
    REQUIRE_THAT(meeting, IsOk());
    CHECK(meeting->meeting_id == id);
  }
  for (const char* bad : {"1.5", "1e30", "18446744073709551616", "true", "{}", "\"\"", "null"}) {
    INFO(bad);
    CHECK_THAT(ReadMeeting(std::string("{\"id\":") + bad + "}"),
               IsError(absl::StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));
  }
}

TEST_CASE("null and absent mean the same, types without a name are unspecified", "[zoom-api]") {
  const auto meeting = ReadMeeting(
      R"({"id":1,"topic":null,"duration":null,"settings":null,"occurrences":null,"type":10})");
  REQUIRE_THAT(meeting, IsOk());
  CHECK(meeting->topic.empty());
  CHECK(meeting->duration_minutes == 0);
  CHECK_FALSE(meeting->settings.has_value());
  CHECK(meeting->occurrences.empty());
  CHECK(meeting->type == MeetingType::kUnspecified);
}

TEST_CASE("a member of the wrong type is named with its place and without its content",
          "[zoom-api]") {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"id":1,"topic":7})", "topic is not a text"},
      {R"({"topic":"private"})", "id is not an id"},
      {R"({"id":1,"duration":"private"})", "duration is not a whole number"},
      {R"({"id":1,"duration":1.5})", "duration is not a whole number"},
      {R"({"id":1,"duration":99999999999})", "duration is not a whole number"},
      {R"({"id":1,"settings":"private"})", "settings is not an object"},
      {R"({"id":1,"occurrences":{}})", "occurrences is not a list"},
      {R"({"id":1,"occurrences":[{},"private"]})", "occurrences[1] is not an object"},
      {R"({"id":1,"occurrences":[{"status":1}]})", "occurrences[0].status is not a text"},
      {"[]", "it is no JSON object"},
      {"", "it is no JSON object"},
      {"<html>private</html>", "it is no JSON object"},
      {"{\"id\":1,\"topic\":\"\xFF\"}", "it is no JSON object"},
  };
  for (const auto& [body, problem] : rows) {
    INFO(body);
    const auto meeting = ReadMeeting(body);
    CHECK_THAT(meeting, IsError(absl::StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));
    CHECK(Message(meeting.status()) ==
          std::string("Zoom's answer cannot be read: ") + problem + ".");
  }
  const std::string deep(100, '[');
  CHECK_THAT(ReadMeeting("{\"id\":1,\"settings\":{\"a\":" + deep + std::string(100, ']') + "}}"),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));
}

TEST_CASE("a page of meetings is read with its token and the number of all", "[zoom-api]") {
  const auto page = ReadMeetingPage(
      R"({"page_count":2,"page_number":1,"page_size":30,"total_records":31,)"
      R"("next_page_token":"Tva2CuIdTgsv8w","meetings":[{"id":97763643886,"topic":"A","type":2},)"
      R"({"id":"5638296721","topic":"B","type":3}]})");
  REQUIRE_THAT(page, IsOk());
  CHECK(page->next_page_token == "Tva2CuIdTgsv8w");
  CHECK(page->total_size == 31);
  REQUIRE(page->meetings.size() == 2);
  CHECK(page->meetings[0].type == MeetingType::kScheduled);
  CHECK(page->meetings[1].meeting_id == "5638296721");

  const auto last = ReadMeetingPage(R"({"next_page_token":"","meetings":[]})");
  REQUIRE_THAT(last, IsOk());
  CHECK(last->next_page_token.empty());
  CHECK(last->meetings.empty());

  const auto wrong =
      ReadMeetingPage(R"({"meetings":[{"id":1},{"id":2,"occurrences":[{"duration":[]}]}]})");
  CHECK(Message(wrong.status()) ==
        "Zoom's answer cannot be read: meetings[1].occurrences[0].duration is not a whole number.");
}

TEST_CASE("the id in the answer to a registration is the meeting's", "[zoom-api]") {
  const auto added = ReadAddedRegistrant(
      R"({"id":85746065,"registrant_id":"fdgsfh2ey82fuh","topic":"A","start_time":"","occurrences":[],)"
      R"("join_url":"https://example.com/w/1","participant_pin_code":380303})");
  REQUIRE_THAT(added, IsOk());
  CHECK(added->registrant_id == "fdgsfh2ey82fuh");
  CHECK(added->join_url == "https://example.com/w/1");
  CHECK_THAT(ReadAddedRegistrant(R"({"id":85746065})"),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));
}

TEST_CASE("a page of registrants is read with their answers", "[zoom-api]") {
  const auto page = ReadRegistrantPage(
      R"({"next_page_token":"w7587w4eiyfsudgf","page_size":30,"total_records":20,"registrants":[)"
      R"({"id":"9tboDiHUQAeOnbmudzWa5g","email":"a@example.com","first_name":"Jill",)"
      R"("last_name":"Chill","phone":"5550100","org":"Org","job_title":"Chef","comments":"Soon.",)"
      R"("city":"Mountain View","status":"approved","create_time":"2022-03-22T05:59:09Z",)"
      R"("join_url":"https://example.com/j/1","participant_pin_code":380303,)"
      R"("custom_questions":[{"title":"Why?","value":"To learn."}]}]})");
  REQUIRE_THAT(page, IsOk());
  CHECK(page->next_page_token == "w7587w4eiyfsudgf");
  CHECK(page->total_size == 20);
  REQUIRE(page->registrants.size() == 1);
  const Registrant& one = page->registrants[0];
  CHECK(one.registrant_id == "9tboDiHUQAeOnbmudzWa5g");
  CHECK(one.email == "a@example.com");
  CHECK(one.first_name == "Jill");
  CHECK(one.last_name == "Chill");
  CHECK(one.phone == "5550100");
  CHECK(one.org == "Org");
  CHECK(one.job_title == "Chef");
  CHECK(one.comments == "Soon.");
  CHECK(one.status == "approved");
  CHECK(one.create_time == "2022-03-22T05:59:09Z");
  CHECK(one.join_url == "https://example.com/j/1");
  REQUIRE(one.custom_questions.size() == 1);
  CHECK(one.custom_questions[0].title == "Why?");
  CHECK(one.custom_questions[0].value == "To learn.");
}

TEST_CASE("a new meeting says what is set and nothing that only Zoom sets", "[zoom-api]") {
  auto meeting = ReadMeeting(kMeeting);
  REQUIRE_THAT(meeting, IsOk());

  const json::value body = json::parse(WriteMeeting(*meeting, FieldsSetIn(*meeting)));

  CHECK(body == json::parse(R"({
    "topic":"Product \u65e5\u672c Demo","type":8,"start_time":"2022-03-25T07:29:29Z","duration":60,
    "timezone":"America/Los_Angeles","agenda":"Line one\nline two","password":"123456",
    "settings":{"approval_type":0,"host_video":true,"alternative_hosts":"a@x.org;b@x.org",
                "meeting_invitees":[{"email":"c@x.org"}]},
    "recurrence":{"type":1,"repeat_interval":1,"end_times":7}})"));
  CHECK(WriteMeeting(Meeting(), FieldsSetIn(Meeting())) == "{}");
}

TEST_CASE("a change says exactly the fields that it names, empty ones too", "[zoom-api]") {
  Meeting meeting;
  meeting.topic = "New";
  meeting.duration_minutes = 30;
  CHECK(json::parse(WriteMeeting(meeting, {MeetingField::kTopic, MeetingField::kAgenda})) ==
        json::parse(R"({"topic":"New","agenda":""})"));
}

TEST_CASE("a new registrant says what is not empty", "[zoom-api]") {
  Registrant registrant;
  registrant.registrant_id = "theirs";
  registrant.email = "a@example.com";
  registrant.first_name = "Jill";
  CHECK(json::parse(WriteRegistrant(registrant)) ==
        json::parse(R"({"email":"a@example.com","first_name":"Jill"})"));

  registrant.last_name = "Chill";
  registrant.phone = "5550100";
  registrant.org = "Org";
  registrant.job_title = "Chef";
  registrant.comments = "Soon.";
  registrant.status = "approved";
  registrant.custom_questions = {{.title = "Why?", .value = "To \"learn\"."}};
  CHECK(json::parse(WriteRegistrant(registrant)) == json::parse(R"({
    "email":"a@example.com","first_name":"Jill","last_name":"Chill","phone":"5550100","org":"Org",
    "job_title":"Chef","comments":"Soon.","custom_questions":[{"title":"Why?","value":"To \"learn\"."}]})"));
}

}  // namespace shodan::zoomapi
