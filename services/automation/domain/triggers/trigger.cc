// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/triggers/trigger.h"

#include <algorithm>
#include <iterator>

namespace shodan::automation {
namespace {

struct Entry {
  Trigger trigger;
  std::string_view zoom_event;
  std::string_view name;
};

constexpr Entry kTriggers[] = {
    {Trigger::kNewMeeting, "meeting.created", "New Meeting"},
    {Trigger::kMeetingUpdated, "meeting.updated", "Meeting Updated"},
    {Trigger::kMeetingEnded, "meeting.ended", "Meeting Ended"},
    {Trigger::kNewMeetingRegistrant, "meeting.registration_created", "New Meeting Registrant"},
    {Trigger::kMeetingParticipantJoined, "meeting.participant_joined",
     "Meeting Participant Joined"},
    {Trigger::kMeetingParticipantLeft, "meeting.participant_left", "Meeting Participant Left"},
    {Trigger::kNewRecording, "recording.started", "New Recording"},
    {Trigger::kCompleteRecording, "recording.completed", "Complete Recording"},
    {Trigger::kRecordingTranscriptCompleted, "recording.transcript_completed",
     "Recording Transcript Completed"},
};

const Entry& EntryOf(Trigger trigger) {
  return *std::find_if(std::begin(kTriggers), std::end(kTriggers),
                       [&](const Entry& entry) { return entry.trigger == trigger; });
}

}  // namespace

std::optional<Trigger> TriggerOf(std::string_view zoom_event) {
  const Entry* const found =
      std::find_if(std::begin(kTriggers), std::end(kTriggers),
                   [&](const Entry& entry) { return entry.zoom_event == zoom_event; });
  if (found == std::end(kTriggers)) return std::nullopt;
  return found->trigger;
}

std::string_view ZoomEventOf(Trigger trigger) { return EntryOf(trigger).zoom_event; }

std::string_view NameOf(Trigger trigger) { return EntryOf(trigger).name; }

}  // namespace shodan::automation
