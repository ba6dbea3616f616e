// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace shodan::zoomapi {

/// Zoom's kinds of meetings, with Zoom's numbers.
enum class MeetingType {
  kUnspecified = 0,  ///< not told, or one that this service has no name for
  kInstant = 1,
  kScheduled = 2,
  kRecurringNoFixedTime = 3,
  kRecurringFixedTime = 8,
};

/// One date of a recurring meeting.
struct Occurrence {
  std::string occurrence_id;
  std::string start_time;  ///< as Zoom writes it, RFC 3339
  int duration_minutes = 0;
  std::string status;
};

/// A Zoom meeting. What Zoom did not tell is empty. Some of it is a secret: start_url makes whoever
/// opens it the host, password opens the meeting.
struct Meeting {
  std::string meeting_id;  ///< decimal digits, more than 32 bits
  std::string uuid;
  std::string topic;
  MeetingType type = MeetingType::kUnspecified;
  std::string start_time;  ///< yyyy-MM-ddTHH:mm:ssZ in UTC, or without Z: local time in `timezone`
  int duration_minutes = 0;  ///< 0: not set
  std::string timezone;      ///< IANA name
  std::string agenda;
  std::string password;
  std::optional<boost::json::object> settings;    ///< Zoom's object, unchanged
  std::optional<boost::json::object> recurrence;  ///< Zoom's object, unchanged
  std::string join_url;
  std::string start_url;
  std::string registration_url;
  std::string status;
  std::string host_id;
  std::string host_email;
  std::string create_time;  ///< as Zoom writes it, RFC 3339
  std::vector<Occurrence> occurrences;
};

/// The parts of a meeting that its owner sets.
enum class MeetingField {
  kTopic,
  kType,
  kStartTime,
  kDuration,
  kTimezone,
  kAgenda,
  kPassword,
  kSettings,
  kRecurrence,
};

/// One page of a user's meetings.
struct MeetingPage {
  std::vector<Meeting> meetings;
  std::string next_page_token;  ///< empty on the last page
  int total_size = 0;           ///< of all pages
};

}  // namespace shodan::zoomapi
