// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/payload.h"

#include <optional>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "services/automation/domain/deliveries/event_type.h"
#include "services/automation/domain/errors.h"
#include "services/automation/domain/triggers/trigger_content.h"

namespace shodan::automation {
namespace {

namespace json = boost::json;

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

json::string TimeText(Time time) {
  return Text(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(time), absl::UTCTimeZone()));
}

json::value TimeOrNull(const std::optional<Time>& time) {
  if (!time.has_value()) return nullptr;
  return TimeText(*time);
}

std::string Envelop(std::string_view type, Time time, json::object data) {
  const json::object message{
      {"type", Text(type)}, {"timestamp", TimeText(time)}, {"data", std::move(data)}};
  return json::serialize(message);
}

json::object ToJson(const EventMeeting& meeting) {
  return {{"meetingId", Text(meeting.meeting_id)},
          {"uuid", Text(meeting.uuid)},
          {"hostId", Text(meeting.host_id)},
          {"topic", Text(meeting.topic)},
          {"type", meeting.type},
          {"startTime", TimeOrNull(meeting.start_time)},
          {"endTime", TimeOrNull(meeting.end_time)},
          {"durationMinutes", meeting.duration_minutes},
          {"timezone", Text(meeting.timezone)},
          {"joinUrl", Text(meeting.join_url)},
          {"password", Text(std::string(meeting.password.Expose(SecretAccess::ForAnswer())))}};
}

json::object ToJson(const EventRegistrant& registrant) {
  return {{"registrantId", Text(registrant.registrant_id)},
          {"email", Text(registrant.email)},
          {"firstName", Text(registrant.first_name)},
          {"lastName", Text(registrant.last_name)},
          {"status", Text(registrant.status)},
          {"joinUrl", Text(registrant.join_url)}};
}

json::object ToJson(const EventParticipant& participant) {
  return {{"participantId", Text(participant.participant_id)},
          {"zoomUserId", Text(participant.zoom_user_id)},
          {"participantUuid", Text(participant.participant_uuid)},
          {"displayName", Text(participant.display_name)},
          {"email", Text(participant.email)},
          {"registrantId", Text(participant.registrant_id)},
          {"joinTime", TimeOrNull(participant.join_time)},
          {"leaveTime", TimeOrNull(participant.leave_time)},
          {"leaveReason", Text(participant.leave_reason)}};
}

json::object ToJson(const EventRecordingFile& file) {
  return {{"fileId", Text(file.file_id)},
          {"fileType", Text(file.file_type)},
          {"recordingType", Text(file.recording_type)},
          {"fileSize", file.file_size},
          {"downloadUrl", Text(file.download_url)},
          {"playUrl", Text(file.play_url)},
          {"startTime", TimeOrNull(file.start_time)},
          {"endTime", TimeOrNull(file.end_time)}};
}

json::object ToJson(Trigger trigger, const StoredEvent& event, const TriggerContent& content) {
  json::object data{
      {"projectId", Text(event.link.project_id)},   {"userId", Text(event.link.user_id)},
      {"linkId", Text(event.link.link_id)},         {"trigger", Text(NameOf(trigger))},
      {"receiveTime", TimeText(event.received_at)}, {"meeting", ToJson(content.meeting)}};
  if (content.old_meeting.has_value()) data["oldMeeting"] = ToJson(*content.old_meeting);
  if (content.registrant.has_value()) data["registrant"] = ToJson(*content.registrant);
  if (content.participant.has_value()) data["participant"] = ToJson(*content.participant);
  if (!content.recording_files.empty()) {
    json::array files;
    for (const EventRecordingFile& file : content.recording_files) files.push_back(ToJson(file));
    data["recordingFiles"] = std::move(files);
  }
  if (!content.share_url.empty()) data["shareUrl"] = Text(content.share_url);
  return data;
}

}  // namespace

std::string LinkEventPayload(std::string_view event_type, const LinkChange& change) {
  return Envelop(
      event_type, change.time,
      {{"projectId", Text(change.project_id)},
       {"userId", Text(change.user_id)},
       {"linkId", Text(change.link_id)},
       {"generation", change.generation},
       {"cause", change.cause.empty() ? json::value() : json::value(Text(change.cause))}});
}

std::string EndpointDisabledPayload(const std::string& project_id, const std::string& endpoint_id,
                                    std::string_view reason, Time time) {
  return Envelop(event_type::kEndpointDisabled, time,
                 {{"projectId", Text(project_id)},
                  {"webhookEndpointId", Text(endpoint_id)},
                  {"reason", Text(reason)}});
}

absl::StatusOr<std::string> TriggerPayload(const std::string& event_type, const StoredEvent& event,
                                           const LinkDataKey& key) {
  const std::optional<Trigger> trigger = TriggerOf(event_type);
  if (!trigger.has_value()) return Malformed("the event is none of the nine triggers.");
  SHODAN_ASSIGN_OR_RETURN(const Secret body,
                          OpenForLink(key.key, event.webhook_id, event.link, event.sealed_body));
  SHODAN_ASSIGN_OR_RETURN(const Envelope envelope,
                          ReadEnvelope(body.Expose(SecretAccess::ForEncryption())));
  SHODAN_ASSIGN_OR_RETURN(const TriggerContent content, ReadTriggerContent(*trigger, envelope));
  return Envelop(event_type, event.event_time, ToJson(*trigger, event, content));
}

}  // namespace shodan::automation
