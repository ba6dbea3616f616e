// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/meetings/meeting_json.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/domain/meetings/answer_reader.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;

MeetingType TypeOf(int number) {
  switch (number) {
    case 1:
      return MeetingType::kInstant;
    case 2:
      return MeetingType::kScheduled;
    case 3:
      return MeetingType::kRecurringNoFixedTime;
    case 8:
      return MeetingType::kRecurringFixedTime;
    default:
      return MeetingType::kUnspecified;
  }
}

Occurrence ReadOccurrence(AnswerReader& reader) {
  return {.occurrence_id = reader.Id("occurrence_id"),
          .start_time = reader.Text("start_time"),
          .duration_minutes = reader.Integer("duration"),
          .status = reader.Text("status")};
}

Meeting ReadMeetingMembers(AnswerReader& reader) {
  Meeting meeting{.meeting_id = reader.RequiredId("id"),
                  .uuid = reader.Text("uuid"),
                  .topic = reader.Text("topic"),
                  .type = TypeOf(reader.Integer("type")),
                  .start_time = reader.Text("start_time"),
                  .duration_minutes = reader.Integer("duration"),
                  .timezone = reader.Text("timezone"),
                  .agenda = reader.Text("agenda"),
                  .password = reader.Text("password"),
                  .settings = reader.Object("settings"),
                  .recurrence = reader.Object("recurrence"),
                  .join_url = reader.Text("join_url"),
                  .start_url = reader.Text("start_url"),
                  .registration_url = reader.Text("registration_url"),
                  .status = reader.Text("status"),
                  .host_id = reader.Text("host_id"),
                  .host_email = reader.Text("host_email"),
                  .create_time = reader.Text("created_at"),
                  .occurrences = {}};
  reader.Each("occurrences", [&](AnswerReader& occurrence) {
    meeting.occurrences.push_back(ReadOccurrence(occurrence));
  });
  return meeting;
}

Registrant ReadRegistrantMembers(AnswerReader& reader) {
  Registrant registrant{.registrant_id = reader.RequiredId("id"),
                        .email = reader.Text("email"),
                        .first_name = reader.Text("first_name"),
                        .last_name = reader.Text("last_name"),
                        .phone = reader.Text("phone"),
                        .org = reader.Text("org"),
                        .job_title = reader.Text("job_title"),
                        .comments = reader.Text("comments"),
                        .custom_questions = {},
                        .status = reader.Text("status"),
                        .join_url = reader.Text("join_url"),
                        .create_time = reader.Text("create_time")};
  reader.Each("custom_questions", [&](AnswerReader& question) {
    registrant.custom_questions.push_back(
        {.title = question.Text("title"), .value = question.Text("value")});
  });
  return registrant;
}

json::value ValueOf(const Meeting& meeting, MeetingField field) {
  switch (field) {
    case MeetingField::kTopic:
      return json::string(meeting.topic);
    case MeetingField::kType:
      return static_cast<int>(meeting.type);
    case MeetingField::kStartTime:
      return json::string(meeting.start_time);
    case MeetingField::kDuration:
      return meeting.duration_minutes;
    case MeetingField::kTimezone:
      return json::string(meeting.timezone);
    case MeetingField::kAgenda:
      return json::string(meeting.agenda);
    case MeetingField::kPassword:
      return json::string(meeting.password);
    case MeetingField::kSettings:
      return meeting.settings.value_or(json::object());
    case MeetingField::kRecurrence:
      return meeting.recurrence.value_or(json::object());
  }
  return nullptr;
}

const char* NameOf(MeetingField field) {
  switch (field) {
    case MeetingField::kTopic:
      return "topic";
    case MeetingField::kType:
      return "type";
    case MeetingField::kStartTime:
      return "start_time";
    case MeetingField::kDuration:
      return "duration";
    case MeetingField::kTimezone:
      return "timezone";
    case MeetingField::kAgenda:
      return "agenda";
    case MeetingField::kPassword:
      return "password";
    case MeetingField::kSettings:
      return "settings";
    case MeetingField::kRecurrence:
      return "recurrence";
  }
  return "";
}

}  // namespace

std::set<MeetingField> FieldsSetIn(const Meeting& meeting) {
  std::set<MeetingField> fields;
  if (!meeting.topic.empty()) fields.insert(MeetingField::kTopic);
  if (meeting.type != MeetingType::kUnspecified) fields.insert(MeetingField::kType);
  if (!meeting.start_time.empty()) fields.insert(MeetingField::kStartTime);
  if (meeting.duration_minutes != 0) fields.insert(MeetingField::kDuration);
  if (!meeting.timezone.empty()) fields.insert(MeetingField::kTimezone);
  if (!meeting.agenda.empty()) fields.insert(MeetingField::kAgenda);
  if (!meeting.password.empty()) fields.insert(MeetingField::kPassword);
  if (meeting.settings.has_value()) fields.insert(MeetingField::kSettings);
  if (meeting.recurrence.has_value()) fields.insert(MeetingField::kRecurrence);
  return fields;
}

std::string WriteMeeting(const Meeting& meeting, const std::set<MeetingField>& fields) {
  json::object body;
  for (const MeetingField field : fields) body[NameOf(field)] = ValueOf(meeting, field);
  return json::serialize(body);
}

std::string WriteRegistrant(const Registrant& registrant) {
  json::object body;
  const auto add = [&body](const char* name, const std::string& text) {
    if (!text.empty()) body[name] = text;
  };
  add("email", registrant.email);
  add("first_name", registrant.first_name);
  add("last_name", registrant.last_name);
  add("phone", registrant.phone);
  add("org", registrant.org);
  add("job_title", registrant.job_title);
  add("comments", registrant.comments);
  json::array questions;
  for (const CustomQuestion& question : registrant.custom_questions) {
    questions.push_back(json::object{{"title", question.title}, {"value", question.value}});
  }
  if (!questions.empty()) body["custom_questions"] = std::move(questions);
  return json::serialize(body);
}

absl::StatusOr<Meeting> ReadMeeting(std::string_view body) {
  SHODAN_ASSIGN_OR_RETURN(const json::object answer, ParseAnswer(body));
  AnswerReader reader(answer);
  Meeting meeting = ReadMeetingMembers(reader);
  SHODAN_RETURN_IF_ERROR(reader.status());
  return meeting;
}

absl::StatusOr<MeetingPage> ReadMeetingPage(std::string_view body) {
  SHODAN_ASSIGN_OR_RETURN(const json::object answer, ParseAnswer(body));
  AnswerReader reader(answer);
  MeetingPage page{.meetings = {},
                   .next_page_token = reader.Text("next_page_token"),
                   .total_size = reader.Integer("total_records")};
  reader.Each("meetings",
              [&](AnswerReader& meeting) { page.meetings.push_back(ReadMeetingMembers(meeting)); });
  SHODAN_RETURN_IF_ERROR(reader.status());
  return page;
}

absl::StatusOr<Registrant> ReadAddedRegistrant(std::string_view body) {
  SHODAN_ASSIGN_OR_RETURN(const json::object answer, ParseAnswer(body));
  AnswerReader reader(answer);
  Registrant registrant;
  registrant.registrant_id = reader.RequiredId("registrant_id");
  registrant.join_url = reader.Text("join_url");
  SHODAN_RETURN_IF_ERROR(reader.status());
  return registrant;
}

absl::StatusOr<RegistrantPage> ReadRegistrantPage(std::string_view body) {
  SHODAN_ASSIGN_OR_RETURN(const json::object answer, ParseAnswer(body));
  AnswerReader reader(answer);
  RegistrantPage page{.registrants = {},
                      .next_page_token = reader.Text("next_page_token"),
                      .total_size = reader.Integer("total_records")};
  reader.Each("registrants", [&](AnswerReader& registrant) {
    page.registrants.push_back(ReadRegistrantMembers(registrant));
  });
  SHODAN_RETURN_IF_ERROR(reader.status());
  return page;
}

}  // namespace shodan::zoomapi
