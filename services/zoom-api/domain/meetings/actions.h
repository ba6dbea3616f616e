// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/zoom-api/domain/meetings/meeting.h"
#include "services/zoom-api/domain/meetings/registrant.h"

// The eight meeting actions, as they are asked for. An empty occurrence_id means the whole series.
namespace shodan::zoomapi {

struct CreateMeeting {
  Meeting meeting;
};

struct UpdateMeeting {
  Meeting meeting;  ///< meeting_id names it
  std::set<MeetingField> fields;
  std::string occurrence_id;
};

struct ListMeetings {
  std::string type;   ///< Zoom's word; empty: "scheduled"
  int page_size = 0;  ///< 0: 30
  std::string page_token;
};

struct GetMeeting {
  std::string meeting_id;
  std::string occurrence_id;
};

struct DeleteMeeting {
  std::string meeting_id;
  std::string occurrence_id;
  bool notify_hosts = false;
  bool notify_registrants = false;
};

struct AddRegistrant {
  std::string meeting_id;
  Registrant registrant;
  std::vector<std::string> occurrence_ids;  ///< empty: all
};

struct ListRegistrants {
  std::string meeting_id;
  std::string status;  ///< Zoom's word; empty: "approved"
  std::string occurrence_id;
  int page_size = 0;  ///< 0: 30
  std::string page_token;
};

struct DeleteRegistrant {
  std::string meeting_id;
  std::string registrant_id;
  std::string occurrence_id;
};

}  // namespace shodan::zoomapi
