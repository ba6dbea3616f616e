// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/meeting_conversion.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;
using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

// Up to here a double tells every whole number from its neighbours.
constexpr int64_t kExactMax = 9'007'199'254'740'991;

std::optional<json::value> ToValue(const Value& value);

std::optional<json::value> ToValue(const ListValue& list) {
  json::array out;
  for (const Value& element : list.values()) {
    std::optional<json::value> converted = ToValue(element);
    if (!converted.has_value()) return std::nullopt;
    out.push_back(*std::move(converted));
  }
  return out;
}

// Zoom reads 1, not 1E0.
std::optional<json::value> ToValue(double number) {
  if (!std::isfinite(number)) return std::nullopt;
  if (std::fabs(number) <= static_cast<double>(kExactMax) && std::trunc(number) == number) {
    return json::value(static_cast<int64_t>(number));
  }
  return json::value(number);
}

std::optional<json::value> ToValue(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNullValue:
      return json::value(nullptr);
    case Value::kNumberValue:
      return ToValue(value.number_value());
    case Value::kStringValue:
      return json::value(json::string(value.string_value()));
    case Value::kBoolValue:
      return json::value(value.bool_value());
    case Value::kStructValue: {
      std::optional<json::object> object = ToJson(value.struct_value());
      if (!object.has_value()) return std::nullopt;
      return json::value(*std::move(object));
    }
    case Value::kListValue:
      return ToValue(value.list_value());
    case Value::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

void SetWholeNumber(int64_t number, Value& out) {
  if (number >= -kExactMax && number <= kExactMax) {
    out.set_number_value(static_cast<double>(number));
  } else {
    out.set_string_value(std::to_string(number));
  }
}

void SetValue(const json::value& value, Value& out) {
  switch (value.kind()) {
    case json::kind::null:
      out.set_null_value(google::protobuf::NULL_VALUE);
      break;
    case json::kind::bool_:
      out.set_bool_value(value.get_bool());
      break;
    case json::kind::int64:
      SetWholeNumber(value.get_int64(), out);
      break;
    case json::kind::uint64:  // only what an int64 cannot hold
      out.set_string_value(std::to_string(value.get_uint64()));
      break;
    case json::kind::double_:
      out.set_number_value(value.get_double());
      break;
    case json::kind::string:
      out.set_string_value({value.get_string().data(), value.get_string().size()});
      break;
    case json::kind::array: {
      ListValue& list = *out.mutable_list_value();
      for (const json::value& element : value.get_array()) SetValue(element, *list.add_values());
      break;
    }
    case json::kind::object:
      *out.mutable_struct_value() = ToStruct(value.get_object());
      break;
  }
}

MeetingType TypeOf(v1::MeetingType type, RequestCheck& check) {
  switch (type) {
    case v1::MEETING_TYPE_UNSPECIFIED:
      return MeetingType::kUnspecified;
    case v1::MEETING_TYPE_INSTANT:
      return MeetingType::kInstant;
    case v1::MEETING_TYPE_SCHEDULED:
      return MeetingType::kScheduled;
    case v1::MEETING_TYPE_RECURRING_NO_FIXED_TIME:
      return MeetingType::kRecurringNoFixedTime;
    case v1::MEETING_TYPE_RECURRING_FIXED_TIME:
      return MeetingType::kRecurringFixedTime;
    default:
      check.Add("type", "NOT_ALLOWED", "must be one of the known types");
      return MeetingType::kUnspecified;
  }
}

std::optional<json::object> ObjectOf(std::string_view field, bool present, const Struct& object,
                                     RequestCheck& check) {
  if (!present) return std::nullopt;
  std::optional<json::object> converted = ToJson(object);
  if (!converted.has_value()) {
    check.Add(field, "MALFORMED", "must hold finite numbers and values of a known kind");
    return json::object();
  }
  return converted;
}

// Without what only Zoom sets, but with the id that names it.
Meeting MeetingOf(const v1::Meeting& meeting, RequestCheck& check) {
  Meeting out;
  out.meeting_id = meeting.meeting_id();
  out.topic = meeting.topic();
  out.type = TypeOf(meeting.type(), check);
  out.start_time = meeting.start_time();
  out.duration_minutes = meeting.duration_minutes();
  out.timezone = meeting.timezone();
  out.agenda = meeting.agenda();
  out.password = meeting.password();
  out.settings = ObjectOf("settings", meeting.has_settings(), meeting.settings(), check);
  out.recurrence = ObjectOf("recurrence", meeting.has_recurrence(), meeting.recurrence(), check);
  return out;
}

std::optional<MeetingField> FieldNamed(std::string_view path) {
  if (path == "topic") return MeetingField::kTopic;
  if (path == "type") return MeetingField::kType;
  if (path == "start_time") return MeetingField::kStartTime;
  if (path == "duration_minutes") return MeetingField::kDuration;
  if (path == "timezone") return MeetingField::kTimezone;
  if (path == "agenda") return MeetingField::kAgenda;
  if (path == "password") return MeetingField::kPassword;
  if (path == "settings") return MeetingField::kSettings;
  if (path == "recurrence") return MeetingField::kRecurrence;
  return std::nullopt;
}

std::set<MeetingField> FieldsOf(const google::protobuf::FieldMask& mask, RequestCheck& check) {
  std::set<MeetingField> fields;
  bool known = true;
  for (const std::string& path : mask.paths()) {
    const std::optional<MeetingField> field = FieldNamed(path);
    known = known && field.has_value();
    if (field.has_value()) fields.insert(*field);
  }
  if (!known) {
    check.Add("updateMask", "NOT_ALLOWED",
              "may name topic, type, start_time, duration_minutes, timezone, agenda, password, "
              "settings and recurrence only");
  } else if (fields.empty()) {
    check.Add("updateMask", "REQUIRED", "must name what is to be changed");
  }
  return fields;
}

Registrant RegistrantOf(const v1::Registrant& registrant) {
  Registrant out;
  out.email = registrant.email();
  out.first_name = registrant.first_name();
  out.last_name = registrant.last_name();
  out.phone = registrant.phone();
  out.org = registrant.org();
  out.job_title = registrant.job_title();
  out.comments = registrant.comments();
  for (const v1::CustomQuestion& question : registrant.custom_questions()) {
    out.custom_questions.push_back({.title = question.title(), .value = question.value()});
  }
  return out;
}

std::optional<google::protobuf::Timestamp> TimeOf(const std::string& text) {
  google::protobuf::Timestamp time;
  if (!google::protobuf::util::TimeUtil::FromString(text, &time)) return std::nullopt;
  return time;
}

v1::Occurrence ToProto(const Occurrence& occurrence) {
  v1::Occurrence out;
  out.set_occurrence_id(occurrence.occurrence_id);
  if (const auto time = TimeOf(occurrence.start_time)) *out.mutable_start_time() = *time;
  out.set_duration_minutes(occurrence.duration_minutes);
  out.set_status(occurrence.status);
  return out;
}

}  // namespace

std::optional<json::object> ToJson(const Struct& object) {
  json::object out;
  for (const auto& [name, value] : object.fields()) {
    std::optional<json::value> converted = ToValue(value);
    if (!converted.has_value()) return std::nullopt;
    out[name] = *std::move(converted);
  }
  return out;
}

Struct ToStruct(const json::object& object) {
  Struct out;
  for (const json::key_value_pair& member : object) {
    const std::string name(member.key().data(), member.key().size());
    SetValue(member.value(), (*out.mutable_fields())[name]);
  }
  return out;
}

CreateMeeting ActionOf(const v1::CreateMeetingRequest& request, RequestCheck& check) {
  if (!request.has_meeting()) check.Add("meeting", "REQUIRED", "must not be absent");
  return {.meeting = MeetingOf(request.meeting(), check)};
}

UpdateMeeting ActionOf(const v1::UpdateMeetingRequest& request, RequestCheck& check) {
  return {.meeting = MeetingOf(request.meeting(), check),
          .fields = FieldsOf(request.update_mask(), check),
          .occurrence_id = request.occurrence_id()};
}

ListMeetings ActionOf(const v1::GetMeetingRequest& request, RequestCheck& /*check*/) {
  return {
      .type = request.type(), .page_size = request.page_size(), .page_token = request.page_token()};
}

GetMeeting ActionOf(const v1::GetMeetingByMeetingIdRequest& request, RequestCheck& /*check*/) {
  return {.meeting_id = request.meeting_id(), .occurrence_id = request.occurrence_id()};
}

DeleteMeeting ActionOf(const v1::DeleteMeetingRequest& request, RequestCheck& /*check*/) {
  return {.meeting_id = request.meeting_id(),
          .occurrence_id = request.occurrence_id(),
          .notify_hosts = request.notify_hosts(),
          .notify_registrants = request.notify_registrants()};
}

AddRegistrant ActionOf(const v1::AddMeetingRegistrantRequest& request, RequestCheck& /*check*/) {
  return {.meeting_id = request.meeting_id(),
          .registrant = RegistrantOf(request.registrant()),
          .occurrence_ids = {request.occurrence_ids().begin(), request.occurrence_ids().end()}};
}

ListRegistrants ActionOf(const v1::GetMeetingRegistrantsRequest& request, RequestCheck& /*check*/) {
  return {.meeting_id = request.meeting_id(),
          .status = request.status(),
          .occurrence_id = request.occurrence_id(),
          .page_size = request.page_size(),
          .page_token = request.page_token()};
}

DeleteRegistrant ActionOf(const v1::DeleteMeetingRegistrantRequest& request,
                          RequestCheck& /*check*/) {
  return {.meeting_id = request.meeting_id(),
          .registrant_id = request.registrant_id(),
          .occurrence_id = request.occurrence_id()};
}

v1::Meeting ToProto(const Meeting& meeting) {
  v1::Meeting out;
  out.set_meeting_id(meeting.meeting_id);
  out.set_uuid(meeting.uuid);
  out.set_topic(meeting.topic);
  out.set_type(static_cast<v1::MeetingType>(meeting.type));
  out.set_start_time(meeting.start_time);
  out.set_duration_minutes(meeting.duration_minutes);
  out.set_timezone(meeting.timezone);
  out.set_agenda(meeting.agenda);
  out.set_password(meeting.password);
  if (meeting.settings.has_value()) *out.mutable_settings() = ToStruct(*meeting.settings);
  if (meeting.recurrence.has_value()) *out.mutable_recurrence() = ToStruct(*meeting.recurrence);
  out.set_join_url(meeting.join_url);
  out.set_start_url(meeting.start_url);
  out.set_registration_url(meeting.registration_url);
  out.set_status(meeting.status);
  out.set_host_id(meeting.host_id);
  out.set_host_email(meeting.host_email);
  if (const auto time = TimeOf(meeting.create_time)) *out.mutable_create_time() = *time;
  for (const Occurrence& occurrence : meeting.occurrences) {
    *out.add_occurrences() = ToProto(occurrence);
  }
  return out;
}

v1::Registrant ToProto(const Registrant& registrant) {
  v1::Registrant out;
  out.set_registrant_id(registrant.registrant_id);
  out.set_email(registrant.email);
  out.set_first_name(registrant.first_name);
  out.set_last_name(registrant.last_name);
  out.set_phone(registrant.phone);
  out.set_org(registrant.org);
  out.set_job_title(registrant.job_title);
  out.set_comments(registrant.comments);
  for (const CustomQuestion& question : registrant.custom_questions) {
    v1::CustomQuestion& answer = *out.add_custom_questions();
    answer.set_title(question.title);
    answer.set_value(question.value);
  }
  out.set_status(registrant.status);
  out.set_join_url(registrant.join_url);
  if (const auto time = TimeOf(registrant.create_time)) *out.mutable_create_time() = *time;
  return out;
}

v1::GetMeetingResponse ToProto(const MeetingPage& page) {
  v1::GetMeetingResponse out;
  for (const Meeting& meeting : page.meetings) *out.add_meetings() = ToProto(meeting);
  out.set_next_page_token(page.next_page_token);
  out.set_total_size(page.total_size);
  return out;
}

v1::GetMeetingRegistrantsResponse ToProto(const RegistrantPage& page) {
  v1::GetMeetingRegistrantsResponse out;
  for (const Registrant& registrant : page.registrants) {
    *out.add_registrants() = ToProto(registrant);
  }
  out.set_next_page_token(page.next_page_token);
  out.set_total_size(page.total_size);
  return out;
}

}  // namespace shodan::zoomapi
