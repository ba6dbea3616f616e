// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace shodan::gateway {

/// One date of a recurring meeting.
struct ZoomOccurrence {
  std::string occurrence_id;
  std::optional<std::chrono::system_clock::time_point> start_time;
  int duration_minutes = 0;
  std::string status;
};

/// A meeting at Zoom. Absent members are not changed, or were not told.
struct ZoomMeeting {
  std::string meeting_id;
  std::string uuid;
  std::optional<std::string> topic;
  std::optional<std::string> type;  ///< as the browser API names it
  std::optional<std::string> start_time;
  std::optional<int> duration_minutes;
  std::optional<std::string> timezone;
  std::optional<std::string> agenda;
  std::optional<std::string> password;
  std::optional<boost::json::object> settings;    ///< Zoom's names
  std::optional<boost::json::object> recurrence;  ///< Zoom's names
  // Only in answers.
  std::string join_url;
  std::string start_url;
  std::string registration_url;
  std::string status;
  std::string host_id;
  std::string host_email;
  std::optional<std::chrono::system_clock::time_point> create_time;
  std::vector<ZoomOccurrence> occurrences;
};

/// The names of the browser API for Zoom's kinds of meetings.
inline constexpr std::string_view kMeetingTypes[] = {
    "instant", "scheduled", "recurring_no_fixed_time", "recurring_fixed_time"};

struct ZoomCustomQuestion {
  std::string title;
  std::string value;
};

/// Somebody registered for a meeting. Texts that were not told are empty.
struct ZoomRegistrant {
  std::string registrant_id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string phone;
  std::string org;
  std::string job_title;
  std::string comments;
  std::vector<ZoomCustomQuestion> custom_questions;
  // Only in answers.
  std::string status;
  std::string join_url;
  std::optional<std::chrono::system_clock::time_point> create_time;
};

/// Which meetings, or which registrants, and which page of them. Empty texts do not filter.
struct ZoomListQuery {
  std::string type;           ///< of meetings
  std::string status;         ///< of registrants
  std::string occurrence_id;  ///< of registrants
  int page_size = 0;
  std::string page_token;
};

template <typename Record>
struct ZoomPage {
  std::vector<Record> records;
  std::string next_page_token;
  int total_size = 0;
};

struct ZoomMeetingDeletion {
  std::string meeting_id;
  std::string occurrence_id;
  bool notify_hosts = false;
  bool notify_registrants = false;
};

}  // namespace shodan::gateway
