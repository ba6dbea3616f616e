// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/conversion.h"

#include <google/protobuf/util/time_util.h>

namespace shodan::automation {
namespace {

using google::protobuf::util::TimeUtil;

v1::EventMeeting ToProto(const EventMeeting& meeting) {
  v1::EventMeeting message;
  message.set_meeting_id(meeting.meeting_id);
  message.set_uuid(meeting.uuid);
  message.set_host_id(meeting.host_id);
  message.set_topic(meeting.topic);
  message.set_type(meeting.type);
  if (meeting.start_time.has_value()) {
    *message.mutable_start_time() = automation::ToProto(*meeting.start_time);
  }
  if (meeting.end_time.has_value()) {
    *message.mutable_end_time() = automation::ToProto(*meeting.end_time);
  }
  message.set_duration_minutes(meeting.duration_minutes);
  message.set_timezone(meeting.timezone);
  message.set_join_url(meeting.join_url);
  message.set_password(std::string(meeting.password.Expose(SecretAccess::ForAnswer())));
  return message;
}

v1::EventRegistrant ToProto(const EventRegistrant& registrant) {
  v1::EventRegistrant message;
  message.set_registrant_id(registrant.registrant_id);
  message.set_email(registrant.email);
  message.set_first_name(registrant.first_name);
  message.set_last_name(registrant.last_name);
  message.set_status(registrant.status);
  message.set_join_url(registrant.join_url);
  return message;
}

v1::EventParticipant ToProto(const EventParticipant& participant) {
  v1::EventParticipant message;
  message.set_participant_id(participant.participant_id);
  message.set_zoom_user_id(participant.zoom_user_id);
  message.set_participant_uuid(participant.participant_uuid);
  message.set_display_name(participant.display_name);
  message.set_email(participant.email);
  message.set_registrant_id(participant.registrant_id);
  if (participant.join_time.has_value()) {
    *message.mutable_join_time() = automation::ToProto(*participant.join_time);
  }
  if (participant.leave_time.has_value()) {
    *message.mutable_leave_time() = automation::ToProto(*participant.leave_time);
  }
  message.set_leave_reason(participant.leave_reason);
  return message;
}

v1::EventRecordingFile ToProto(const EventRecordingFile& file) {
  v1::EventRecordingFile message;
  message.set_file_id(file.file_id);
  message.set_file_type(file.file_type);
  message.set_recording_type(file.recording_type);
  message.set_file_size(file.file_size);
  message.set_download_url(file.download_url);
  message.set_play_url(file.play_url);
  if (file.start_time.has_value()) {
    *message.mutable_start_time() = automation::ToProto(*file.start_time);
  }
  if (file.end_time.has_value()) {
    *message.mutable_end_time() = automation::ToProto(*file.end_time);
  }
  return message;
}

}  // namespace

google::protobuf::Timestamp ToProto(Time time) {
  return TimeUtil::MicrosecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

Time FromProto(const google::protobuf::Timestamp& time) {
  return Time(std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(time)));
}

v1::Trigger ToProto(Trigger trigger) {
  switch (trigger) {
    case Trigger::kNewMeeting:
      return v1::TRIGGER_NEW_MEETING;
    case Trigger::kMeetingUpdated:
      return v1::TRIGGER_MEETING_UPDATED;
    case Trigger::kMeetingEnded:
      return v1::TRIGGER_MEETING_ENDED;
    case Trigger::kNewMeetingRegistrant:
      return v1::TRIGGER_NEW_MEETING_REGISTRANT;
    case Trigger::kMeetingParticipantJoined:
      return v1::TRIGGER_MEETING_PARTICIPANT_JOINED;
    case Trigger::kMeetingParticipantLeft:
      return v1::TRIGGER_MEETING_PARTICIPANT_LEFT;
    case Trigger::kNewRecording:
      return v1::TRIGGER_NEW_RECORDING;
    case Trigger::kCompleteRecording:
      return v1::TRIGGER_COMPLETE_RECORDING;
    case Trigger::kRecordingTranscriptCompleted:
      return v1::TRIGGER_RECORDING_TRANSCRIPT_COMPLETED;
  }
  return v1::TRIGGER_UNSPECIFIED;
}

v1::WebhookState ToProto(WebhookState state) {
  switch (state) {
    case WebhookState::kReceived:
      return v1::WEBHOOK_STATE_RECEIVED;
    case WebhookState::kHeld:
      return v1::WEBHOOK_STATE_HELD;
    case WebhookState::kReleased:
      return v1::WEBHOOK_STATE_RELEASED;
    case WebhookState::kSettled:
      return v1::WEBHOOK_STATE_SETTLED;
    case WebhookState::kParked:
      return v1::WEBHOOK_STATE_PARKED;
  }
  return v1::WEBHOOK_STATE_UNSPECIFIED;
}

std::optional<WebhookState> FromProto(v1::WebhookState state) {
  switch (state) {
    case v1::WEBHOOK_STATE_RECEIVED:
      return WebhookState::kReceived;
    case v1::WEBHOOK_STATE_HELD:
      return WebhookState::kHeld;
    case v1::WEBHOOK_STATE_RELEASED:
      return WebhookState::kReleased;
    case v1::WEBHOOK_STATE_SETTLED:
      return WebhookState::kSettled;
    case v1::WEBHOOK_STATE_PARKED:
      return WebhookState::kParked;
    default:
      return std::nullopt;
  }
}

v1::TriggerEvent ToProto(const TriggerEvent& event) {
  v1::TriggerEvent message;
  message.set_event_id(event.event_id);
  message.set_trigger(ToProto(event.trigger));
  message.set_sequence(event.sequence);
  *message.mutable_event_time() = ToProto(event.event_time);
  *message.mutable_receive_time() = ToProto(event.received_at);
  message.set_late(event.late);
  message.set_replay_count(event.replays);
  const TriggerContent& content = event.content;
  *message.mutable_meeting() = ToProto(content.meeting);
  if (content.old_meeting.has_value()) {
    *message.mutable_old_meeting() = ToProto(*content.old_meeting);
  }
  if (content.registrant.has_value()) {
    *message.mutable_registrant() = ToProto(*content.registrant);
  }
  if (content.participant.has_value()) {
    *message.mutable_participant() = ToProto(*content.participant);
  }
  for (const EventRecordingFile& file : content.recording_files) {
    *message.add_recording_files() = ToProto(file);
  }
  message.set_share_url(content.share_url);
  return message;
}

v1::Webhook ToProto(const WebhookRecord& record) {
  v1::Webhook message;
  message.set_webhook_id(record.webhook_id);
  message.set_project_id(record.project_id);
  message.set_state(ToProto(record.state));
  message.set_event(record.event);
  *message.mutable_receive_time() = ToProto(record.received_at);
  if (record.event_time.has_value()) *message.mutable_event_time() = ToProto(*record.event_time);
  message.set_user_id(record.user_id);
  message.set_attempt_count(record.attempts);
  message.set_reason(record.reason);
  message.set_duplicate_count(record.duplicates);
  message.set_replay_count(record.replays);
  return message;
}

Actor ActorFrom(const rpc::CallContext& call) {
  return {rpc::ActorOf(call), call.caller, call.request_id};
}

}  // namespace shodan::automation
