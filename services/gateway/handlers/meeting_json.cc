// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/meeting_json.h"

#include <algorithm>

#include <boost/json/array.hpp>

#include "libs/base/strings.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr int64_t kDurationMinutesMax = 1440;
constexpr size_t kCustomQuestionsMax = 100;

json::value Text(const std::optional<std::string>& text) { return JsonOptional(text.value_or("")); }

json::value Object(const std::optional<json::object>& object) {
  if (!object.has_value()) return nullptr;
  return *object;
}

json::value Minutes(int minutes) {
  if (minutes <= 0) return nullptr;
  return minutes;
}

}  // namespace

json::object ToJson(const ZoomMeeting& meeting) {
  json::array occurrences;
  for (const ZoomOccurrence& date : meeting.occurrences) {
    occurrences.push_back(json::object{{"occurrenceId", JsonOptional(date.occurrence_id)},
                                       {"startTime", JsonTime(date.start_time)},
                                       {"durationMinutes", Minutes(date.duration_minutes)},
                                       {"status", JsonOptional(date.status)}});
  }
  return {{"meetingId", JsonOptional(meeting.meeting_id)},
          {"uuid", JsonOptional(meeting.uuid)},
          {"topic", Text(meeting.topic)},
          {"type", Text(meeting.type)},
          {"startTime", Text(meeting.start_time)},
          {"durationMinutes", Minutes(meeting.duration_minutes.value_or(0))},
          {"timezone", Text(meeting.timezone)},
          {"agenda", Text(meeting.agenda)},
          {"password", Text(meeting.password)},
          {"settings", Object(meeting.settings)},
          {"recurrence", Object(meeting.recurrence)},
          {"joinUrl", JsonOptional(meeting.join_url)},
          {"startUrl", JsonOptional(meeting.start_url)},
          {"registrationUrl", JsonOptional(meeting.registration_url)},
          {"status", JsonOptional(meeting.status)},
          {"hostId", JsonOptional(meeting.host_id)},
          {"hostEmail", JsonOptional(meeting.host_email)},
          {"createTime", JsonTime(meeting.create_time)},
          {"occurrences", std::move(occurrences)}};
}

json::object ToJson(const ZoomRegistrant& registrant) {
  json::array questions;
  for (const ZoomCustomQuestion& question : registrant.custom_questions) {
    questions.push_back(
        json::object{{"title", json::string(question.title.data(), question.title.size())},
                     {"value", json::string(question.value.data(), question.value.size())}});
  }
  return {{"registrantId", JsonOptional(registrant.registrant_id)},
          {"email", JsonOptional(registrant.email)},
          {"firstName", JsonOptional(registrant.first_name)},
          {"lastName", JsonOptional(registrant.last_name)},
          {"phone", JsonOptional(registrant.phone)},
          {"org", JsonOptional(registrant.org)},
          {"jobTitle", JsonOptional(registrant.job_title)},
          {"comments", JsonOptional(registrant.comments)},
          {"customQuestions", std::move(questions)},
          {"status", JsonOptional(registrant.status)},
          {"joinUrl", JsonOptional(registrant.join_url)},
          {"createTime", JsonTime(registrant.create_time)}};
}

ZoomMeeting ReadMeeting(http::JsonBody& body) {
  ZoomMeeting meeting;
  meeting.topic = body.OptionalText("topic");
  meeting.type = body.OptionalText("type");
  if (meeting.type.has_value() && std::find(std::begin(kMeetingTypes), std::end(kMeetingTypes),
                                            *meeting.type) == std::end(kMeetingTypes)) {
    body.AddProblem("type", "OUT_OF_RANGE",
                    "must be instant, scheduled, recurring_no_fixed_time or "
                    "recurring_fixed_time.");
  }
  meeting.start_time = body.OptionalText("startTime");
  if (const auto minutes = body.OptionalInteger("durationMinutes", 1, kDurationMinutesMax)) {
    meeting.duration_minutes = static_cast<int>(*minutes);
  }
  meeting.timezone = body.OptionalText("timezone");
  meeting.agenda = body.OptionalText("agenda");
  meeting.password = body.OptionalText("password");
  meeting.settings = body.OptionalObject("settings");
  meeting.recurrence = body.OptionalObject("recurrence");
  return meeting;
}

bool HoldsChange(const ZoomMeeting& meeting) {
  return meeting.topic.has_value() || meeting.type.has_value() || meeting.start_time.has_value() ||
         meeting.duration_minutes.has_value() || meeting.timezone.has_value() ||
         meeting.agenda.has_value() || meeting.password.has_value() ||
         meeting.settings.has_value() || meeting.recurrence.has_value();
}

ZoomRegistrant ReadRegistrant(http::JsonBody& body) {
  ZoomRegistrant registrant;
  registrant.email = body.Text("email");
  registrant.first_name = body.Text("firstName");
  registrant.last_name = body.OptionalText("lastName").value_or("");
  registrant.phone = body.OptionalText("phone").value_or("");
  registrant.org = body.OptionalText("org").value_or("");
  registrant.job_title = body.OptionalText("jobTitle").value_or("");
  registrant.comments = body.OptionalText("comments").value_or("");
  auto questions = body.OptionalObjects("customQuestions", 0, kCustomQuestionsMax);
  for (size_t i = 0; questions.has_value() && i < questions->size(); ++i) {
    http::JsonBody& question = (*questions)[i];
    registrant.custom_questions.push_back({question.Text("title"), question.Text("value")});
    body.Merge(Join("customQuestions[", std::to_string(i), "]"), question);
  }
  return registrant;
}

}  // namespace shodan::gateway
