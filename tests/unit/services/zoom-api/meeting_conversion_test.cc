// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/meeting_conversion.h"

#include <cmath>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;
using google::protobuf::Struct;
using Problems = std::vector<std::string>;

json::object Parsed(std::string_view text) {
  return json::parse({text.data(), text.size()}).get_object();
}

Problems ProblemsOf(const RequestCheck& check) {
  Problems problems;
  for (const FieldViolation& field : FieldsOf(check.Finish())) {
    problems.push_back(field.field + " " + field.reason);
  }
  return problems;
}

v1::UpdateMeetingRequest AnUpdate(const std::vector<std::string>& paths) {
  v1::UpdateMeetingRequest request;
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

}  // namespace

TEST_CASE("Zoom's objects pass both ways unchanged", "[zoom-api][grpc]") {
  const json::object object = Parsed(
      R"({"approval_type":0,"jbh_time":15,"host_video":true,"share":0.5,"low":-9007199254740991,)"
      R"("contact_name":"\u65e5\u672c","nothing":null,"countries":["JP",1,[],{}],)"
      R"("breakout_room":{"enable":false,"rooms":[{"name":"a"}]}})");
  CHECK(ToJson(ToStruct(object)) == object);
}

TEST_CASE("whole numbers stay whole numbers on the way to Zoom", "[zoom-api][grpc]") {
  Struct object;
  (*object.mutable_fields())["approval_type"].set_number_value(2);
  CHECK(json::serialize(*ToJson(object)) == R"({"approval_type":2})");
}

TEST_CASE("numbers that a double cannot hold become texts", "[zoom-api][grpc]") {
  const Struct out = ToStruct(
      Parsed(R"({"exact":9007199254740991,"above":9007199254740993,"below":-9007199254740993,)"
             R"("most":18446744073709551615})"));
  CHECK(out.fields().at("exact").number_value() == 9007199254740991.0);
  CHECK(out.fields().at("above").string_value() == "9007199254740993");
  CHECK(out.fields().at("below").string_value() == "-9007199254740993");
  CHECK(out.fields().at("most").string_value() == "18446744073709551615");
}

TEST_CASE("values that JSON has no word for are refused wherever they stand", "[zoom-api][grpc]") {
  for (const double number : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    v1::CreateMeetingRequest request;
    auto& settings = *request.mutable_meeting()->mutable_settings()->mutable_fields();
    settings["a"].mutable_list_value()->add_values()->set_number_value(number);
    RequestCheck check;
    ActionOf(request, check);
    CHECK(ProblemsOf(check) == Problems{"settings MALFORMED"});
  }
  v1::CreateMeetingRequest request;
  auto& recurrence = *request.mutable_meeting()->mutable_recurrence()->mutable_fields();
  recurrence["a"].mutable_struct_value()->mutable_fields()->insert({"b", {}});
  RequestCheck check;
  ActionOf(request, check);
  CHECK(ProblemsOf(check) == Problems{"recurrence MALFORMED"});
}

TEST_CASE("a meeting to be made is taken without what only Zoom sets", "[zoom-api][grpc]") {
  v1::CreateMeetingRequest request;
  v1::Meeting& meeting = *request.mutable_meeting();
  meeting.set_topic("Demo");
  meeting.set_type(v1::MEETING_TYPE_RECURRING_FIXED_TIME);
  meeting.set_start_time("2026-11-22T09:30:00Z");
  meeting.set_duration_minutes(30);
  meeting.set_timezone("Asia/Tokyo");
  meeting.set_agenda("Agenda");
  meeting.set_password("123456");
  (*meeting.mutable_settings()->mutable_fields())["waiting_room"].set_bool_value(true);
  meeting.set_start_url("https://example.com/s/1");
  meeting.set_host_email("other@example.com");
  RequestCheck check;

  const Meeting out = ActionOf(request, check).meeting;

  CHECK(ProblemsOf(check).empty());
  CHECK(out.topic == "Demo");
  CHECK(out.type == MeetingType::kRecurringFixedTime);
  CHECK(out.start_time == "2026-11-22T09:30:00Z");
  CHECK(out.duration_minutes == 30);
  CHECK(out.timezone == "Asia/Tokyo");
  CHECK(out.agenda == "Agenda");
  CHECK(out.password == "123456");
  CHECK(out.settings == Parsed(R"({"waiting_room":true})"));
  CHECK_FALSE(out.recurrence.has_value());
  CHECK(out.start_url.empty());
  CHECK(out.host_email.empty());
}

TEST_CASE("a meeting of no known type, or none at all, is refused", "[zoom-api][grpc]") {
  v1::CreateMeetingRequest request;
  RequestCheck absent;
  ActionOf(request, absent);
  CHECK(ProblemsOf(absent) == Problems{"meeting REQUIRED"});

  request.mutable_meeting()->set_type(static_cast<v1::MeetingType>(10));
  RequestCheck unknown;
  ActionOf(request, unknown);
  CHECK(ProblemsOf(unknown) == Problems{"type NOT_ALLOWED"});
}

TEST_CASE("the mask names the meeting's own fields, all of them", "[zoom-api][grpc]") {
  RequestCheck check;
  const UpdateMeeting change =
      ActionOf(AnUpdate({"topic", "type", "start_time", "duration_minutes", "timezone", "agenda",
                         "password", "settings", "recurrence", "topic"}),
               check);
  CHECK(ProblemsOf(check).empty());
  CHECK(change.fields.size() == 9);
}

TEST_CASE("the mask names no field that only Zoom sets, no part of one, and not nothing",
          "[zoom-api][grpc]") {
  for (const char* path :
       {"join_url", "meeting_id", "settings.waiting_room", "startTime", "*", ""}) {
    INFO(path);
    RequestCheck check;
    ActionOf(AnUpdate({"topic", path}), check);
    CHECK(ProblemsOf(check) == Problems{"updateMask NOT_ALLOWED"});
  }
  RequestCheck check;
  ActionOf(AnUpdate({}), check);
  CHECK(ProblemsOf(check) == Problems{"updateMask REQUIRED"});
}

TEST_CASE("the other requests keep what they say", "[zoom-api][grpc]") {
  RequestCheck check;
  v1::GetMeetingRequest list;
  list.set_type("live");
  list.set_page_size(7);
  list.set_page_token("t");
  CHECK(ActionOf(list, check).type == "live");
  CHECK(ActionOf(list, check).page_size == 7);
  CHECK(ActionOf(list, check).page_token == "t");

  v1::GetMeetingByMeetingIdRequest get;
  get.set_meeting_id("1");
  get.set_occurrence_id("2");
  CHECK(ActionOf(get, check).meeting_id == "1");
  CHECK(ActionOf(get, check).occurrence_id == "2");

  v1::DeleteMeetingRequest remove;
  remove.set_meeting_id("1");
  remove.set_occurrence_id("2");
  remove.set_notify_registrants(true);
  CHECK(ActionOf(remove, check).meeting_id == "1");
  CHECK(ActionOf(remove, check).occurrence_id == "2");
  CHECK_FALSE(ActionOf(remove, check).notify_hosts);
  CHECK(ActionOf(remove, check).notify_registrants);

  v1::GetMeetingRegistrantsRequest registrants;
  registrants.set_meeting_id("1");
  registrants.set_status("denied");
  registrants.set_occurrence_id("2");
  registrants.set_page_size(7);
  registrants.set_page_token("t");
  const ListRegistrants listed = ActionOf(registrants, check);
  CHECK(listed.meeting_id == "1");
  CHECK(listed.status == "denied");
  CHECK(listed.occurrence_id == "2");
  CHECK(listed.page_size == 7);
  CHECK(listed.page_token == "t");

  v1::DeleteMeetingRegistrantRequest unregister;
  unregister.set_meeting_id("1");
  unregister.set_registrant_id("r");
  unregister.set_occurrence_id("2");
  CHECK(ActionOf(unregister, check).meeting_id == "1");
  CHECK(ActionOf(unregister, check).registrant_id == "r");
  CHECK(ActionOf(unregister, check).occurrence_id == "2");
  CHECK(ProblemsOf(check).empty());
}

TEST_CASE("a registrant is taken without what only Zoom sets", "[zoom-api][grpc]") {
  v1::AddMeetingRegistrantRequest request;
  request.set_meeting_id("1");
  request.add_occurrence_ids("11");
  request.add_occurrence_ids("12");
  v1::Registrant& registrant = *request.mutable_registrant();
  registrant.set_email("a@example.com");
  registrant.set_first_name("Jill");
  registrant.set_last_name("Chill");
  registrant.set_phone("5550100");
  registrant.set_org("Org");
  registrant.set_job_title("Chef");
  registrant.set_comments("Soon.");
  registrant.set_status("approved");
  registrant.add_custom_questions()->set_title("Why?");
  registrant.mutable_custom_questions(0)->set_value("To learn.");
  RequestCheck check;

  const AddRegistrant action = ActionOf(request, check);

  CHECK(action.meeting_id == "1");
  CHECK(action.occurrence_ids == std::vector<std::string>{"11", "12"});
  CHECK(action.registrant.email == "a@example.com");
  CHECK(action.registrant.first_name == "Jill");
  CHECK(action.registrant.last_name == "Chill");
  CHECK(action.registrant.phone == "5550100");
  CHECK(action.registrant.org == "Org");
  CHECK(action.registrant.job_title == "Chef");
  CHECK(action.registrant.comments == "Soon.");
  CHECK(action.registrant.status.empty());
  REQUIRE(action.registrant.custom_questions.size() == 1);
  CHECK(action.registrant.custom_questions[0].title == "Why?");
  CHECK(action.registrant.custom_questions[0].value == "To learn.");
}

TEST_CASE("a meeting goes out with everything that Zoom told", "[zoom-api][grpc]") {
  Meeting meeting;
  meeting.meeting_id = "92674392836";
  meeting.uuid = "/aDYlohsHRtCd4ii1uC2+A==";
  meeting.topic = "Demo";
  meeting.type = MeetingType::kScheduled;
  meeting.start_time = "2022-03-25T07:29:29Z";
  meeting.duration_minutes = 60;
  meeting.timezone = "Asia/Tokyo";
  meeting.agenda = "Agenda";
  meeting.password = "123456";
  meeting.settings = Parsed(R"({"approval_type":2})");
  meeting.recurrence = Parsed(R"({"type":1})");
  meeting.join_url = "https://example.com/j/1";
  meeting.start_url = "https://example.com/s/1";
  meeting.registration_url = "https://example.com/r/1";
  meeting.status = "waiting";
  meeting.host_id = "30R7kT7bTIKSNUFEuH_Qlg";
  meeting.host_email = "host@example.com";
  meeting.create_time = "2022-03-25T07:29:29.5+00:00";
  meeting.occurrences = {{.occurrence_id = "11",
                          .start_time = "2022-03-25T07:46:00Z",
                          .duration_minutes = 45,
                          .status = "available"}};

  const v1::Meeting out = ToProto(meeting);

  CHECK(out.meeting_id() == "92674392836");
  CHECK(out.uuid() == "/aDYlohsHRtCd4ii1uC2+A==");
  CHECK(out.topic() == "Demo");
  CHECK(out.type() == v1::MEETING_TYPE_SCHEDULED);
  CHECK(out.start_time() == "2022-03-25T07:29:29Z");
  CHECK(out.duration_minutes() == 60);
  CHECK(out.timezone() == "Asia/Tokyo");
  CHECK(out.agenda() == "Agenda");
  CHECK(out.password() == "123456");
  CHECK(out.settings().fields().at("approval_type").number_value() == 2);
  CHECK(out.recurrence().fields().at("type").number_value() == 1);
  CHECK(out.join_url() == "https://example.com/j/1");
  CHECK(out.start_url() == "https://example.com/s/1");
  CHECK(out.registration_url() == "https://example.com/r/1");
  CHECK(out.status() == "waiting");
  CHECK(out.host_id() == "30R7kT7bTIKSNUFEuH_Qlg");
  CHECK(out.host_email() == "host@example.com");
  CHECK(out.create_time().seconds() == 1'648'193'369);
  CHECK(out.create_time().nanos() == 500'000'000);
  REQUIRE(out.occurrences_size() == 1);
  CHECK(out.occurrences(0).occurrence_id() == "11");
  CHECK(out.occurrences(0).start_time().seconds() == 1'648'194'360);
  CHECK(out.occurrences(0).duration_minutes() == 45);
  CHECK(out.occurrences(0).status() == "available");
}

TEST_CASE("what Zoom did not tell, or told as no time, is absent", "[zoom-api][grpc]") {
  Meeting meeting;
  meeting.create_time = "last week";
  meeting.occurrences = {Occurrence()};
  const v1::Meeting out = ToProto(meeting);
  CHECK_FALSE(out.has_settings());
  CHECK_FALSE(out.has_recurrence());
  CHECK_FALSE(out.has_create_time());
  CHECK_FALSE(out.occurrences(0).has_start_time());
}

TEST_CASE("pages go out in order with their token and number", "[zoom-api][grpc]") {
  MeetingPage meetings{.meetings = {}, .next_page_token = "t", .total_size = 31};
  meetings.meetings.resize(2);
  meetings.meetings[0].meeting_id = "1";
  meetings.meetings[1].meeting_id = "2";
  const v1::GetMeetingResponse listed = ToProto(meetings);
  CHECK(listed.next_page_token() == "t");
  CHECK(listed.total_size() == 31);
  REQUIRE(listed.meetings_size() == 2);
  CHECK(listed.meetings(0).meeting_id() == "1");
  CHECK(listed.meetings(1).meeting_id() == "2");

  RegistrantPage registrants{.registrants = {}, .next_page_token = "u", .total_size = 1};
  registrants.registrants.resize(1);
  Registrant& one = registrants.registrants[0];
  one.registrant_id = "r";
  one.email = "a@example.com";
  one.first_name = "Jill";
  one.status = "approved";
  one.join_url = "https://example.com/w/1";
  one.create_time = "2022-03-25T07:29:29Z";
  one.custom_questions = {{.title = "Why?", .value = "To learn."}};
  const v1::GetMeetingRegistrantsResponse people = ToProto(registrants);
  CHECK(people.next_page_token() == "u");
  CHECK(people.total_size() == 1);
  REQUIRE(people.registrants_size() == 1);
  CHECK(people.registrants(0).registrant_id() == "r");
  CHECK(people.registrants(0).email() == "a@example.com");
  CHECK(people.registrants(0).first_name() == "Jill");
  CHECK(people.registrants(0).status() == "approved");
  CHECK(people.registrants(0).join_url() == "https://example.com/w/1");
  CHECK(people.registrants(0).create_time().seconds() == 1'648'193'369);
  REQUIRE(people.registrants(0).custom_questions_size() == 1);
  CHECK(people.registrants(0).custom_questions(0).title() == "Why?");
  CHECK(people.registrants(0).custom_questions(0).value() == "To learn.");
}

}  // namespace shodan::zoomapi
