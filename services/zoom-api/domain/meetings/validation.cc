// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/meetings/validation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "libs/base/strings.h"
#include "services/zoom-api/domain/meetings/meeting_json.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;

constexpr size_t kTopicMax = 200;
constexpr size_t kAgendaMax = 2'000;
constexpr size_t kPasswordMax = 10;
constexpr size_t kTimezoneMax = 64;
constexpr int kDurationMax = 1'440;
constexpr size_t kObjectBytesMax = 32 << 10;
constexpr int kObjectDepthMax = 16;
constexpr size_t kOccurrenceIdBytesMax = 64;
constexpr size_t kOccurrencesMax = 60;
constexpr size_t kRegistrantIdBytesMax = 128;
constexpr size_t kEmailMax = 128;
constexpr size_t kNameMax = 64;
constexpr size_t kDetailMax = 128;
constexpr size_t kCommentsMax = 2'000;
constexpr size_t kQuestionsMax = 64;
constexpr size_t kQuestionTitleMax = 500;
constexpr int kPageSizeMax = 300;
constexpr size_t kPageTokenBytesMax = 512;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsIdCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_.~+=").find(c) != std::string_view::npos;
}
bool IsTimezoneCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("_+-/").find(c) != std::string_view::npos;
}

// The number that two digits make, if it is within the bounds.
bool IsTwoDigits(std::string_view text, size_t at, int min, int max) {
  const int number = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return number >= min && number <= max;
}

// yyyy-MM-ddTHH:mm:ss, with Z or without.
bool IsStartTime(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.ends_with('Z')) text.remove_suffix(1);
  const bool form = std::equal(
      text.begin(), text.end(), kForm.begin(), kForm.end(),
      [](char c, char expected) { return expected == '0' ? IsDigit(c) : c == expected; });
  return form && IsTwoDigits(text, 5, 1, 12) && IsTwoDigits(text, 8, 1, 31) &&
         IsTwoDigits(text, 11, 0, 23) && IsTwoDigits(text, 14, 0, 59) &&
         IsTwoDigits(text, 17, 0, 59);
}

// Whether it nests at most `levels` deep.
bool IsShallow(const json::value& value, int levels) {
  if (!value.is_structured()) return true;
  if (levels == 0) return false;
  if (value.is_array()) {
    const json::array& list = value.get_array();
    return std::all_of(list.begin(), list.end(),
                       [&](const json::value& element) { return IsShallow(element, levels - 1); });
  }
  const json::object& members = value.get_object();
  return std::all_of(members.begin(), members.end(), [&](const json::key_value_pair& member) {
    return IsShallow(member.value(), levels - 1);
  });
}

void CheckObject(std::string_view field, const std::optional<json::object>& object,
                 RequestCheck& check) {
  if (!object.has_value()) {
    check.Add(field, "REQUIRED", "must be an object when the mask names it");
  } else if (!IsShallow(*object, kObjectDepthMax)) {
    check.Add(field, "TOO_LONG", "must not nest deeper than 16");
  } else if (json::serialize(*object).size() > kObjectBytesMax) {
    check.Add(field, "TOO_LONG", "must be at most 32 KiB of JSON");
  }
}

void CheckField(const Meeting& meeting, MeetingField field, RequestCheck& check) {
  switch (field) {
    case MeetingField::kTopic:
      return check.RequiredText("topic", meeting.topic, kTopicMax);
    case MeetingField::kType:
      if (meeting.type == MeetingType::kUnspecified) {
        check.Add("type", "NOT_ALLOWED", "must be one of the known types");
      }
      return;
    case MeetingField::kStartTime:
      if (!IsStartTime(meeting.start_time)) {
        check.Add("startTime", "MALFORMED",
                  "must be yyyy-MM-ddTHH:mm:ss, with Z at its end for UTC");
      }
      return;
    case MeetingField::kDuration:
      return check.Range("durationMinutes", meeting.duration_minutes, 1, kDurationMax);
    case MeetingField::kTimezone:
      if (meeting.timezone.size() > kTimezoneMax ||
          !std::all_of(meeting.timezone.begin(), meeting.timezone.end(), IsTimezoneCharacter)) {
        check.Add("timezone", "MALFORMED", "must be an IANA name, for example Asia/Tokyo");
      }
      return;
    case MeetingField::kAgenda:
      return check.Text("agenda", meeting.agenda, kAgendaMax);
    case MeetingField::kPassword:
      return check.Text("password", meeting.password, kPasswordMax);
    case MeetingField::kSettings:
      return CheckObject("settings", meeting.settings, check);
    case MeetingField::kRecurrence:
      return CheckObject("recurrence", meeting.recurrence, check);
  }
}

void CheckOccurrenceId(std::string_view field, std::string_view id, RequestCheck& check) {
  if (id.size() > kOccurrenceIdBytesMax || !std::all_of(id.begin(), id.end(), IsIdCharacter)) {
    check.Add(field, "MALFORMED", "must be an occurrence_id that Zoom told");
  }
}

void CheckPage(int page_size, std::string_view page_token, RequestCheck& check) {
  if (page_size != 0) check.Range("pageSize", page_size, 1, kPageSizeMax);
  check.Token("pageToken", page_token, kPageTokenBytesMax);
}

void CheckRegistrant(const Registrant& registrant, RequestCheck& check) {
  check.RequiredText("email", registrant.email, kEmailMax);
  if (!registrant.email.empty() && registrant.email.find('@') == std::string::npos) {
    check.Add("email", "MALFORMED", "must be an e-mail address");
  }
  check.RequiredText("firstName", registrant.first_name, kNameMax);
  check.Text("lastName", registrant.last_name, kNameMax);
  check.Text("phone", registrant.phone, kDetailMax);
  check.Text("org", registrant.org, kDetailMax);
  check.Text("jobTitle", registrant.job_title, kDetailMax);
  check.Text("comments", registrant.comments, kCommentsMax);
  if (registrant.custom_questions.size() > kQuestionsMax) {
    check.Add("customQuestions", "TOO_LONG", "must be at most 64 answers");
    return;
  }
  for (size_t i = 0; i < registrant.custom_questions.size(); ++i) {
    const std::string element = Join("customQuestions[", std::to_string(i), "].");
    const CustomQuestion& question = registrant.custom_questions[i];
    check.RequiredText(element + "title", question.title, kQuestionTitleMax);
    check.Text(element + "value", question.value, kCommentsMax);
  }
}

}  // namespace

void Check(const CreateMeeting& action, RequestCheck& check) {
  for (const MeetingField field : FieldsSetIn(action.meeting)) {
    CheckField(action.meeting, field, check);
  }
}

void Check(const UpdateMeeting& action, RequestCheck& check) {
  check.MeetingId(action.meeting.meeting_id);
  CheckOccurrenceId("occurrenceId", action.occurrence_id, check);
  for (const MeetingField field : action.fields) CheckField(action.meeting, field, check);
}

void Check(const ListMeetings& action, RequestCheck& check) {
  check.OneOf("type", action.type,
              {"scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"});
  CheckPage(action.page_size, action.page_token, check);
}

void Check(const GetMeeting& action, RequestCheck& check) {
  check.MeetingId(action.meeting_id);
  CheckOccurrenceId("occurrenceId", action.occurrence_id, check);
}

void Check(const DeleteMeeting& action, RequestCheck& check) {
  check.MeetingId(action.meeting_id);
  CheckOccurrenceId("occurrenceId", action.occurrence_id, check);
}

void Check(const AddRegistrant& action, RequestCheck& check) {
  check.MeetingId(action.meeting_id);
  CheckRegistrant(action.registrant, check);
  if (action.occurrence_ids.size() > kOccurrencesMax) {
    check.Add("occurrenceIds", "TOO_LONG", "must be at most 60");
    return;
  }
  for (size_t i = 0; i < action.occurrence_ids.size(); ++i) {
    const std::string element = Join("occurrenceIds[", std::to_string(i), "]");
    if (action.occurrence_ids[i].empty()) {
      check.Add(element, "REQUIRED", "must not be empty");
    } else {
      CheckOccurrenceId(element, action.occurrence_ids[i], check);
    }
  }
}

void Check(const ListRegistrants& action, RequestCheck& check) {
  check.MeetingId(action.meeting_id);
  check.OneOf("status", action.status, {"pending", "approved", "denied"});
  CheckOccurrenceId("occurrenceId", action.occurrence_id, check);
  CheckPage(action.page_size, action.page_token, check);
}

void Check(const DeleteRegistrant& action, RequestCheck& check) {
  check.MeetingId(action.meeting_id);
  const std::string& id = action.registrant_id;
  if (id.empty()) {
    check.Add("registrantId", "REQUIRED", "must not be empty");
  } else if (id.size() > kRegistrantIdBytesMax ||
             !std::all_of(id.begin(), id.end(), IsIdCharacter) ||
             id.find_first_not_of('.') == std::string::npos) {
    check.Add("registrantId", "MALFORMED", "must be a registrant's id that Zoom told");
  }
  CheckOccurrenceId("occurrenceId", action.occurrence_id, check);
}

}  // namespace shodan::zoomapi
