// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/domain/meetings/validation.h"

namespace shodan::zoomapi {
namespace {

using Problems = std::vector<std::string>;

// "field REASON" of each problem.
template <typename Action>
Problems ProblemsOf(const Action& action) {
  RequestCheck check;
  Check(action, check);
  Problems problems;
  for (const FieldViolation& field : FieldsOf(check.Finish())) {
    problems.push_back(field.field + " " + field.reason);
  }
  return problems;
}

Meeting AMeeting() {
  Meeting meeting;
  meeting.meeting_id = "92674392836";
  meeting.topic = "Demo";
  meeting.type = MeetingType::kRecurringFixedTime;
  meeting.start_time = "2026-11-22T09:30:00Z";
  meeting.duration_minutes = 1'440;
  meeting.timezone = "America/Argentina/Buenos_Aires";
  meeting.agenda = "Agenda";
  meeting.password = "a1b2c3d4e5";
  meeting.settings = boost::json::parse(R"({"approval_type":0})").get_object();
  meeting.recurrence = boost::json::parse(R"({"type":1})").get_object();
  return meeting;
}

Registrant ARegistrant() {
  Registrant registrant;
  registrant.email = "a@example.com";
  registrant.first_name = "Jill";
  return registrant;
}

boost::json::object Nested(int levels) {
  boost::json::object object;
  for (int i = 1; i < levels; ++i) {
    boost::json::object outer;
    outer["a"] = object;
    object = outer;
  }
  return object;
}

Problems StartTimeProblems(const std::string& text) {
  Meeting meeting;
  meeting.start_time = text;
  return ProblemsOf(CreateMeeting{.meeting = meeting});
}

}  // namespace

TEST_CASE("a meeting may say nothing, or everything within its bounds", "[zoom-api]") {
  CHECK(ProblemsOf(CreateMeeting{}).empty());
  CHECK(ProblemsOf(CreateMeeting{.meeting = AMeeting()}).empty());
}

TEST_CASE("each part of a meeting has its bounds", "[zoom-api]") {
  Meeting meeting = AMeeting();
  meeting.topic = std::string(201, 'a');
  meeting.start_time = "tomorrow";
  meeting.duration_minutes = 1'441;
  meeting.timezone = "Asia/Tokyo\n";
  meeting.agenda = std::string(2'001, 'a');
  meeting.password = "12345678901";
  meeting.settings = Nested(17);
  meeting.recurrence = boost::json::object{{"a", std::string(32 << 10, 'a')}};
  CHECK(ProblemsOf(CreateMeeting{.meeting = meeting}) ==
        Problems{"topic TOO_LONG", "startTime MALFORMED", "durationMinutes OUT_OF_RANGE",
                 "timezone MALFORMED", "agenda TOO_LONG", "password TOO_LONG", "settings TOO_LONG",
                 "recurrence TOO_LONG"});
  Meeting deepest;
  deepest.settings = Nested(16);
  CHECK(ProblemsOf(CreateMeeting{.meeting = deepest}).empty());
}

TEST_CASE("a start is a date and a time, with Z or without", "[zoom-api]") {
  for (const char* good : {"2026-11-22T09:30:00Z", "2026-11-22T09:30:00", "2028-02-29T23:59:59"}) {
    INFO(good);
    CHECK(StartTimeProblems(good).empty());
  }
  for (const char* bad :
       {"2026-11-22", "2026-11-22T09:30Z", "2026-11-22 09:30:00", "2026-13-22T09:30:00Z",
        "2026-00-22T09:30:00Z", "2026-11-32T09:30:00Z", "2026-11-22T24:30:00Z",
        "2026-11-22T09:60:00Z", "2026-11-22T09:30:60Z", "2026-11-22T09:30:00+01:00",
        "2026-11-22T09:30:00ZZ", "2026-11-2xT09:30:00Z"}) {
    INFO(bad);
    CHECK(StartTimeProblems(bad) == Problems{"startTime MALFORMED"});
  }
}

TEST_CASE("a change is checked in the fields that it names", "[zoom-api]") {
  UpdateMeeting change{.meeting = AMeeting(),
                       .fields = {MeetingField::kTopic, MeetingField::kSettings},
                       .occurrence_id = "1648194360000"};
  CHECK(ProblemsOf(change).empty());

  // What is emptied must be something that can be empty.
  change.meeting = Meeting();
  change.meeting.meeting_id = "1";
  change.fields = {MeetingField::kTopic,    MeetingField::kType,     MeetingField::kStartTime,
                   MeetingField::kDuration, MeetingField::kTimezone, MeetingField::kAgenda,
                   MeetingField::kPassword, MeetingField::kSettings, MeetingField::kRecurrence};
  CHECK(ProblemsOf(change) == Problems{"topic REQUIRED", "type NOT_ALLOWED", "startTime MALFORMED",
                                       "durationMinutes OUT_OF_RANGE", "settings REQUIRED",
                                       "recurrence REQUIRED"});

  change.meeting = AMeeting();
  change.meeting.topic.clear();
  change.meeting.meeting_id = "../users";
  change.fields = {MeetingField::kAgenda};
  change.occurrence_id = "a/b";
  CHECK(ProblemsOf(change) == Problems{"meetingId MALFORMED", "occurrenceId MALFORMED"});
}

TEST_CASE("lists are of Zoom's kinds and have bounded pages", "[zoom-api]") {
  for (const char* type :
       {"", "scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"}) {
    CHECK(ProblemsOf(ListMeetings{.type = type, .page_size = 300, .page_token = "t"}).empty());
  }
  CHECK(ProblemsOf(
            ListMeetings{.type = "all", .page_size = 301, .page_token = std::string(513, 'a')}) ==
        Problems{"type NOT_ALLOWED", "pageSize OUT_OF_RANGE", "pageToken TOO_LONG"});
  CHECK(ProblemsOf(ListMeetings{.type = "", .page_size = -1, .page_token = ""}) ==
        Problems{"pageSize OUT_OF_RANGE"});

  ListRegistrants registrants{.meeting_id = "1",
                              .status = "approved",
                              .occurrence_id = "",
                              .page_size = 0,
                              .page_token = ""};
  CHECK(ProblemsOf(registrants).empty());
  registrants.meeting_id = "";
  registrants.status = "waiting";
  registrants.page_token = "a b";
  CHECK(ProblemsOf(registrants) ==
        Problems{"meetingId REQUIRED", "status NOT_ALLOWED", "pageToken MALFORMED"});
}

TEST_CASE("a meeting and a registrant are named by ids that fit into a path", "[zoom-api]") {
  CHECK(ProblemsOf(GetMeeting{.meeting_id = "1", .occurrence_id = ""}).empty());
  CHECK(ProblemsOf(GetMeeting{.meeting_id = "x", .occurrence_id = "?"}) ==
        Problems{"meetingId MALFORMED", "occurrenceId MALFORMED"});
  CHECK(ProblemsOf(DeleteMeeting{.meeting_id = "", .occurrence_id = std::string(65, '1')}) ==
        Problems{"meetingId REQUIRED", "occurrenceId MALFORMED"});

  const auto problems = [](const std::string& id) {
    return ProblemsOf(
        DeleteRegistrant{.meeting_id = "1", .registrant_id = id, .occurrence_id = ""});
  };
  CHECK(problems("9tboDiHUQAeOnbmudzWa5g").empty());
  CHECK(problems("-a_b.c~d+e=").empty());
  CHECK(problems("") == Problems{"registrantId REQUIRED"});
  for (const char* bad : {".", "..", "a/b", "a\\b", "a?b", "a%2fb", "a b", "\u65E5"}) {
    INFO(bad);
    CHECK(problems(bad) == Problems{"registrantId MALFORMED"});
  }
  CHECK(problems(std::string(129, 'a')) == Problems{"registrantId MALFORMED"});
}

TEST_CASE("a registrant has an e-mail address and a first name", "[zoom-api]") {
  AddRegistrant action{
      .meeting_id = "1", .registrant = ARegistrant(), .occurrence_ids = {"1648194360000"}};
  CHECK(ProblemsOf(action).empty());

  action.registrant = Registrant();
  CHECK(ProblemsOf(action) == Problems{"email REQUIRED", "firstName REQUIRED"});

  action.registrant = ARegistrant();
  action.registrant.email = "nobody";
  action.registrant.first_name = std::string(65, 'a');
  action.registrant.last_name = std::string(65, 'a');
  action.registrant.phone = std::string(129, '1');
  action.registrant.org = std::string(129, 'a');
  action.registrant.job_title = std::string(129, 'a');
  action.registrant.comments = std::string(2'001, 'a');
  action.registrant.custom_questions = {{.title = "", .value = std::string(2'001, 'a')}};
  action.occurrence_ids = {"1", "", "a,b"};
  CHECK(ProblemsOf(action) == Problems{"email MALFORMED", "firstName TOO_LONG", "lastName TOO_LONG",
                                       "phone TOO_LONG", "org TOO_LONG", "jobTitle TOO_LONG",
                                       "comments TOO_LONG", "customQuestions[0].title REQUIRED",
                                       "customQuestions[0].value TOO_LONG",
                                       "occurrenceIds[1] REQUIRED", "occurrenceIds[2] MALFORMED"});

  action.registrant = ARegistrant();
  action.registrant.custom_questions.resize(65);
  action.occurrence_ids = std::vector<std::string>(61, "1");
  CHECK(ProblemsOf(action) == Problems{"customQuestions TOO_LONG", "occurrenceIds TOO_LONG"});
}

}  // namespace shodan::zoomapi
