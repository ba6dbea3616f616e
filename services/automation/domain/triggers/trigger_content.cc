// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/triggers/trigger_content.h"

#include <limits>

#include "libs/base/status.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/webhooks/json_reader.h"

namespace shodan::automation {
namespace {

namespace json = boost::json;

constexpr size_t kIdBytesMax = 512;

int32_t Small(int64_t number) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  return number < 0 || number > kMax ? 0 : static_cast<int32_t>(number);
}

EventMeeting ReadMeeting(const json::object& object) {
  const JsonReader reader(object);
  EventMeeting meeting;
  meeting.meeting_id = reader.Id("id");
  meeting.uuid = reader.Text("uuid");
  meeting.host_id = reader.Text("host_id");
  meeting.topic = reader.Text("topic");
  meeting.type = Small(reader.Integer("type"));
  meeting.start_time = reader.When("start_time");
  meeting.end_time = reader.When("end_time");
  meeting.duration_minutes = Small(reader.Integer("duration"));
  meeting.timezone = reader.Text("timezone");
  meeting.join_url = reader.Text("join_url");
  meeting.password = Secret::Take(reader.Text("password"));
  return meeting;
}

EventRegistrant ReadRegistrant(const json::object& object) {
  const JsonReader reader(object);
  return {.registrant_id = reader.Id("id"),
          .email = reader.Text("email"),
          .first_name = reader.Text("first_name"),
          .last_name = reader.Text("last_name"),
          .status = reader.Text("status"),
          .join_url = reader.Text("join_url")};
}

EventParticipant ReadParticipant(const json::object& object) {
  const JsonReader reader(object);
  return {.participant_id = reader.Id("user_id"),
          .zoom_user_id = reader.Text("id"),
          .participant_uuid = reader.Text("participant_uuid"),
          .display_name = reader.Text("user_name"),
          .email = reader.Text("email"),
          .registrant_id = reader.Id("registrant_id"),
          .join_time = reader.When("join_time"),
          .leave_time = reader.When("leave_time"),
          .leave_reason = reader.Text("leave_reason")};
}

EventRecordingFile ReadFile(const json::object& object) {
  const JsonReader reader(object);
  return {.file_id = reader.Id("id"),
          .file_type = reader.Text("file_type"),
          .recording_type = reader.Text("recording_type"),
          .file_size = reader.Integer("file_size"),
          .download_url = reader.Text("download_url"),
          .play_url = reader.Text("play_url"),
          .start_time = reader.When("recording_start"),
          .end_time = reader.When("recording_end")};
}

void ReadRecording(const JsonReader& object, TriggerContent& content) {
  content.share_url = object.Text("share_url");
  // recording.started has the one file that it tells of in an object of its own.
  if (const json::object* file = object.Object("recording_file"); file != nullptr) {
    content.recording_files.push_back(ReadFile(*file));
  }
  const json::array* files = object.List("recording_files");
  if (files == nullptr) return;
  for (const json::value& file : *files) {
    if (file.is_object()) content.recording_files.push_back(ReadFile(file.get_object()));
  }
}

absl::Status ReadPerson(Trigger trigger, const JsonReader& object, TriggerContent& content) {
  if (trigger == Trigger::kNewMeetingRegistrant) {
    const json::object* registrant = object.Object("registrant");
    if (registrant == nullptr) return Malformed("payload.object.registrant is no object.");
    content.registrant = ReadRegistrant(*registrant);
  }
  if (trigger == Trigger::kMeetingParticipantJoined ||
      trigger == Trigger::kMeetingParticipantLeft) {
    const json::object* participant = object.Object("participant");
    if (participant == nullptr) return Malformed("payload.object.participant is no object.");
    content.participant = ReadParticipant(*participant);
  }
  return absl::OkStatus();
}

// meeting.updated may tell only the id and what changed: then it is the event of whoever changed
// it.
std::string OwnerOf(const TriggerContent& content, const JsonReader& payload) {
  if (!content.meeting.host_id.empty()) return content.meeting.host_id;
  if (!content.old_meeting.has_value()) return "";
  if (!content.old_meeting->host_id.empty()) return content.old_meeting->host_id;
  return payload.Text("operator_id");
}

}  // namespace

absl::StatusOr<TriggerContent> ReadTriggerContent(Trigger trigger, const Envelope& envelope) {
  const JsonReader payload(envelope.payload);
  const json::object* object = payload.Object("object");
  if (object == nullptr) return Malformed("payload.object is no object.");
  const JsonReader inside(*object);
  TriggerContent content;
  content.meeting = ReadMeeting(*object);
  if (content.meeting.meeting_id.empty()) return Malformed("payload.object.id is no id.");
  if (trigger == Trigger::kMeetingUpdated) {
    const json::object* before = payload.Object("old_object");
    content.old_meeting = before == nullptr ? EventMeeting() : ReadMeeting(*before);
  }
  SHODAN_RETURN_IF_ERROR(ReadPerson(trigger, inside, content));
  ReadRecording(inside, content);
  content.owner_id = OwnerOf(content, payload);
  if (content.owner_id.empty() || content.owner_id.size() > kIdBytesMax) {
    return Malformed("payload.object.host_id is no id.");
  }
  return content;
}

}  // namespace shodan::automation
