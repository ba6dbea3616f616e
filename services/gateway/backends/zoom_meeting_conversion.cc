// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/zoom_meeting_conversion.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;
namespace v1 = shodan::zoomapi::v1;
using google::protobuf::Struct;
using google::protobuf::Value;

struct TypeName {
  std::string_view name;
  v1::MeetingType type;
};

constexpr TypeName kTypes[] = {
    {kMeetingTypes[0], v1::MEETING_TYPE_INSTANT},
    {kMeetingTypes[1], v1::MEETING_TYPE_SCHEDULED},
    {kMeetingTypes[2], v1::MEETING_TYPE_RECURRING_NO_FIXED_TIME},
    {kMeetingTypes[3], v1::MEETING_TYPE_RECURRING_FIXED_TIME},
};

constexpr double kWholeNumberMax = 9007199254740992.0;  // 2^53, exact in a double

void ToProto(const json::object& object, Struct& proto);

void ToProto(const json::value& value, Value& proto) {
  switch (value.kind()) {
    case json::kind::null:
      proto.set_null_value(google::protobuf::NULL_VALUE);
      return;
    case json::kind::bool_:
      proto.set_bool_value(value.get_bool());
      return;
    case json::kind::int64:
      proto.set_number_value(static_cast<double>(value.get_int64()));
      return;
    case json::kind::uint64:
      proto.set_number_value(static_cast<double>(value.get_uint64()));
      return;
    case json::kind::double_:
      proto.set_number_value(value.get_double());
      return;
    case json::kind::string:
      proto.set_string_value(value.get_string().data(), value.get_string().size());
      return;
    case json::kind::array:
      proto.mutable_list_value();
      for (const json::value& entry : value.get_array()) {
        ToProto(entry, *proto.mutable_list_value()->add_values());
      }
      return;
    case json::kind::object:
      ToProto(value.get_object(), *proto.mutable_struct_value());
      return;
  }
}

void ToProto(const json::object& object, Struct& proto) {
  for (const auto& member : object) {
    const std::string name(member.key().data(), member.key().size());
    ToProto(member.value(), (*proto.mutable_fields())[name]);
  }
}

json::object FromProto(const Struct& proto);

json::value FromProto(const Value& proto) {
  switch (proto.kind_case()) {
    case Value::kBoolValue:
      return proto.bool_value();
    case Value::kNumberValue: {
      const double number = proto.number_value();
      if (number >= -kWholeNumberMax && number <= kWholeNumberMax &&
          number == static_cast<double>(static_cast<int64_t>(number))) {
        return static_cast<int64_t>(number);
      }
      return number;
    }
    case Value::kStringValue:
      return json::value(json::string(proto.string_value().data(), proto.string_value().size()));
    case Value::kListValue: {
      json::array list;
      for (const Value& entry : proto.list_value().values()) list.push_back(FromProto(entry));
      return list;
    }
    case Value::kStructValue:
      return FromProto(proto.struct_value());
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      break;
  }
  return nullptr;
}

json::object FromProto(const Struct& proto) {
  json::object object;
  for (const auto& [name, value] : proto.fields()) object[name] = FromProto(value);
  return object;
}

std::optional<std::string> Told(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

void ToProto(const ZoomMeeting& meeting, v1::Meeting& proto) {
  proto.set_meeting_id(meeting.meeting_id);
  proto.set_topic(meeting.topic.value_or(""));
  for (const TypeName& known : kTypes) {
    if (known.name == meeting.type) proto.set_type(known.type);
  }
  proto.set_start_time(meeting.start_time.value_or(""));
  proto.set_duration_minutes(meeting.duration_minutes.value_or(0));
  proto.set_timezone(meeting.timezone.value_or(""));
  proto.set_agenda(meeting.agenda.value_or(""));
  proto.set_password(meeting.password.value_or(""));
  if (meeting.settings.has_value()) ToProto(*meeting.settings, *proto.mutable_settings());
  if (meeting.recurrence.has_value()) ToProto(*meeting.recurrence, *proto.mutable_recurrence());
}

ZoomMeeting FromProto(const v1::Meeting& proto) {
  ZoomMeeting meeting;
  meeting.meeting_id = proto.meeting_id();
  meeting.uuid = proto.uuid();
  meeting.topic = Told(proto.topic());
  for (const TypeName& known : kTypes) {
    if (known.type == proto.type()) meeting.type = std::string(known.name);
  }
  meeting.start_time = Told(proto.start_time());
  if (proto.duration_minutes() > 0) meeting.duration_minutes = proto.duration_minutes();
  meeting.timezone = Told(proto.timezone());
  meeting.agenda = Told(proto.agenda());
  meeting.password = Told(proto.password());
  if (proto.has_settings()) meeting.settings = FromProto(proto.settings());
  if (proto.has_recurrence()) meeting.recurrence = FromProto(proto.recurrence());
  meeting.join_url = proto.join_url();
  meeting.start_url = proto.start_url();
  meeting.registration_url = proto.registration_url();
  meeting.status = proto.status();
  meeting.host_id = proto.host_id();
  meeting.host_email = proto.host_email();
  meeting.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  for (const v1::Occurrence& date : proto.occurrences()) {
    meeting.occurrences.push_back({date.occurrence_id(),
                                   TimeOf(date.has_start_time(), date.start_time()),
                                   date.duration_minutes(), date.status()});
  }
  return meeting;
}

void ToProto(const ZoomRegistrant& registrant, v1::Registrant& proto) {
  proto.set_email(registrant.email);
  proto.set_first_name(registrant.first_name);
  proto.set_last_name(registrant.last_name);
  proto.set_phone(registrant.phone);
  proto.set_org(registrant.org);
  proto.set_job_title(registrant.job_title);
  proto.set_comments(registrant.comments);
  for (const ZoomCustomQuestion& question : registrant.custom_questions) {
    v1::CustomQuestion* added = proto.add_custom_questions();
    added->set_title(question.title);
    added->set_value(question.value);
  }
}

ZoomRegistrant FromProto(const v1::Registrant& proto) {
  ZoomRegistrant registrant;
  registrant.registrant_id = proto.registrant_id();
  registrant.email = proto.email();
  registrant.first_name = proto.first_name();
  registrant.last_name = proto.last_name();
  registrant.phone = proto.phone();
  registrant.org = proto.org();
  registrant.job_title = proto.job_title();
  registrant.comments = proto.comments();
  for (const v1::CustomQuestion& question : proto.custom_questions()) {
    registrant.custom_questions.push_back({question.title(), question.value()});
  }
  registrant.status = proto.status();
  registrant.join_url = proto.join_url();
  registrant.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  return registrant;
}

}  // namespace shodan::gateway
