// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"
#include "services/automation/domain/time.h"
#include "services/automation/domain/triggers/trigger.h"
#include "services/automation/domain/webhooks/envelope.h"

namespace shodan::automation {

/// A meeting as an event tells of it. What Zoom did not tell is empty.
struct EventMeeting {
  std::string meeting_id;  ///< decimal digits; Zoom sends a number or a text
  std::string uuid;
  std::string host_id;
  std::string topic;
  int32_t type = 0;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  int32_t duration_minutes = 0;
  std::string timezone;
  std::string join_url;
  Secret password;  ///< the meeting's passcode
};

/// Somebody who registered for a meeting.
struct EventRegistrant {
  std::string registrant_id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string status;
  std::string join_url;
};

/// Somebody who joined or left a meeting.
struct EventParticipant {
  std::string participant_id;
  std::string zoom_user_id;  ///< empty for guests
  std::string participant_uuid;
  std::string display_name;
  std::string email;
  std::string registrant_id;
  std::optional<Time> join_time;
  std::optional<Time> leave_time;
  std::string leave_reason;  ///< may hold HTML
};

/// One file of a recording.
struct EventRecordingFile {
  std::string file_id;
  std::string file_type;
  std::string recording_type;
  int64_t file_size = 0;
  std::string download_url;
  std::string play_url;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
};

/// What an event of one of the nine triggers says.
struct TriggerContent {
  EventMeeting meeting;
  std::optional<EventMeeting> old_meeting;      ///< of kMeetingUpdated
  std::optional<EventRegistrant> registrant;    ///< of kNewMeetingRegistrant
  std::optional<EventParticipant> participant;  ///< of joined and left
  std::vector<EventRecordingFile> recording_files;
  std::string share_url;
  /// Zoom's id of the user whose event it is: the meeting's host.
  std::string owner_id;
};

/// Reads the payload of an event of this trigger. INVALID_ARGUMENT/WEBHOOK_MALFORMED names the
/// member without which it means nothing: the meeting's id, its host, the registrant, the
/// participant.
absl::StatusOr<TriggerContent> ReadTriggerContent(Trigger trigger, const Envelope& envelope);

}  // namespace shodan::automation
