// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/endpoint_template.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace shodan::zoomapi {
namespace {

// Sorted.
constexpr std::array<std::string_view, 78> kWords = {"accounts",
                                                     "activities",
                                                     "archive_files",
                                                     "assistants",
                                                     "auto_receptionists",
                                                     "batch_polls",
                                                     "batch_registrants",
                                                     "billing",
                                                     "blocked_list",
                                                     "call_history",
                                                     "call_logs",
                                                     "call_queues",
                                                     "channels",
                                                     "chat",
                                                     "common_areas",
                                                     "contacts",
                                                     "devices",
                                                     "events",
                                                     "groups",
                                                     "im",
                                                     "invitation",
                                                     "invite_links",
                                                     "items",
                                                     "jbh_token",
                                                     "livestream",
                                                     "local_recording",
                                                     "locks",
                                                     "me",
                                                     "meeting_summary",
                                                     "meeting_templates",
                                                     "meetings",
                                                     "members",
                                                     "messages",
                                                     "metrics",
                                                     "numbers",
                                                     "panelists",
                                                     "participants",
                                                     "past_meetings",
                                                     "past_webinars",
                                                     "permissions",
                                                     "phone",
                                                     "pictures",
                                                     "plans",
                                                     "pmi",
                                                     "polls",
                                                     "presence_status",
                                                     "qa",
                                                     "questions",
                                                     "recordings",
                                                     "registrants",
                                                     "report",
                                                     "roles",
                                                     "rooms",
                                                     "schedulers",
                                                     "schedules",
                                                     "settings",
                                                     "shared_line_groups",
                                                     "sites",
                                                     "sms",
                                                     "status",
                                                     "survey",
                                                     "templates",
                                                     "token",
                                                     "tracking_fields",
                                                     "transcript",
                                                     "trash",
                                                     "trunks",
                                                     "usages",
                                                     "users",
                                                     "virtual_backgrounds",
                                                     "voice_mails",
                                                     "webhooks",
                                                     "webinar_templates",
                                                     "webinars",
                                                     "whiteboards",
                                                     "workspaces",
                                                     "zak",
                                                     "zdm_groups"};
static_assert(std::is_sorted(kWords.begin(), kWords.end()));

}  // namespace

std::string EndpointTemplate(const RequestTarget& target) {
  std::string out;
  for (const std::string& segment : target.segments()) {
    const bool word = std::binary_search(kWords.begin(), kWords.end(), std::string_view(segment));
    out.append("/").append(word ? segment : "{id}");
  }
  return out;
}

}  // namespace shodan::zoomapi
