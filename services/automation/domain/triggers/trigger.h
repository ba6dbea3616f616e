// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace shodan::automation {

/// What can set off a workflow or a delivery, by the documented names.
enum class Trigger {
  kNewMeeting,
  kMeetingUpdated,
  kMeetingEnded,
  kNewMeetingRegistrant,
  kMeetingParticipantJoined,
  kMeetingParticipantLeft,
  kNewRecording,
  kCompleteRecording,
  kRecordingTranscriptCompleted,
};

/// The trigger of one of Zoom's events; nullopt for events that are not told.
std::optional<Trigger> TriggerOf(std::string_view zoom_event);
/// Zoom's name of the event: "meeting.created".
std::string_view ZoomEventOf(Trigger trigger);
/// The documented name: "New Meeting".
std::string_view NameOf(Trigger trigger);

}  // namespace shodan::automation
