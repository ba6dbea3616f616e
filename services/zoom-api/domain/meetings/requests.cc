// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/meetings/requests.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "services/zoom-api/domain/meetings/meeting_json.h"
#include "services/zoom-api/domain/scopes.h"

namespace shodan::zoomapi {
namespace {

constexpr int kDefaultPageSize = 30;

using Segments = std::vector<std::string>;
using Parameters = std::vector<std::pair<std::string, std::string>>;

ActionRequest Asking(Method method, Segments segments, Parameters parameters = {}) {
  ActionRequest request;
  request.head.method = method;
  request.head.target = RequestTarget::Of(std::move(segments), std::move(parameters));
  request.head.any_of_scopes = ScopesThatAllow(method, request.head.target);
  return request;
}

ActionRequest Sending(ActionRequest request, std::string body) {
  request.head.content_type = "application/json";
  request.head.content_length = static_cast<int64_t>(body.size());
  request.body = std::move(body);
  return request;
}

void AddOccurrence(Parameters& parameters, const std::string& occurrence_id) {
  if (!occurrence_id.empty()) parameters.emplace_back("occurrence_id", occurrence_id);
}

// Zoom keeps a page token only together with the parameters it was made for, so that all of them
// are always sent.
void AddPage(Parameters& parameters, int page_size, const std::string& page_token) {
  parameters.emplace_back("page_size",
                          std::to_string(page_size == 0 ? kDefaultPageSize : page_size));
  if (!page_token.empty()) parameters.emplace_back("next_page_token", page_token);
}

std::string OrDefault(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

std::string Flag(bool value) { return value ? "true" : "false"; }

}  // namespace

ActionRequest RequestFor(const CreateMeeting& action) {
  return Sending(Asking(Method::kPost, {"users", "me", "meetings"}),
                 WriteMeeting(action.meeting, FieldsSetIn(action.meeting)));
}

ActionRequest RequestFor(const UpdateMeeting& action) {
  Parameters parameters;
  AddOccurrence(parameters, action.occurrence_id);
  return Sending(
      Asking(Method::kPatch, {"meetings", action.meeting.meeting_id}, std::move(parameters)),
      WriteMeeting(action.meeting, action.fields));
}

ActionRequest RequestFor(const ListMeetings& action) {
  Parameters parameters = {{"type", OrDefault(action.type, "scheduled")}};
  AddPage(parameters, action.page_size, action.page_token);
  return Asking(Method::kGet, {"users", "me", "meetings"}, std::move(parameters));
}

ActionRequest RequestFor(const GetMeeting& action) {
  Parameters parameters;
  AddOccurrence(parameters, action.occurrence_id);
  return Asking(Method::kGet, {"meetings", action.meeting_id}, std::move(parameters));
}

ActionRequest RequestFor(const DeleteMeeting& action) {
  Parameters parameters;
  AddOccurrence(parameters, action.occurrence_id);
  // Both are always said: what Zoom does unasked differs between the two.
  parameters.emplace_back("schedule_for_reminder", Flag(action.notify_hosts));
  parameters.emplace_back("cancel_meeting_reminder", Flag(action.notify_registrants));
  return Asking(Method::kDelete, {"meetings", action.meeting_id}, std::move(parameters));
}

ActionRequest RequestFor(const AddRegistrant& action) {
  Parameters parameters;
  std::string list;
  for (const std::string& id : action.occurrence_ids) list += list.empty() ? id : "," + id;
  if (!list.empty()) parameters.emplace_back("occurrence_ids", list);
  return Sending(
      Asking(Method::kPost, {"meetings", action.meeting_id, "registrants"}, std::move(parameters)),
      WriteRegistrant(action.registrant));
}

ActionRequest RequestFor(const ListRegistrants& action) {
  Parameters parameters = {{"status", OrDefault(action.status, "approved")}};
  AddOccurrence(parameters, action.occurrence_id);
  AddPage(parameters, action.page_size, action.page_token);
  return Asking(Method::kGet, {"meetings", action.meeting_id, "registrants"},
                std::move(parameters));
}

ActionRequest RequestFor(const DeleteRegistrant& action) {
  Parameters parameters;
  AddOccurrence(parameters, action.occurrence_id);
  return Asking(Method::kDelete,
                {"meetings", action.meeting_id, "registrants", action.registrant_id},
                std::move(parameters));
}

}  // namespace shodan::zoomapi
