// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/endpoint_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(' ', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

const std::string_view kEndpointColumns =
    "e.endpoint_id, e.endpoint_number, e.project_id, e.url, array_to_string(e.event_types, ' ') AS "
    "event_types, e.state, e.disabled_reason, e.created_at, e.updated_at, e.rotated_at, "
    "e.failing_since, (SELECT max(s.expires_at) FROM endpoint_secrets s WHERE s.endpoint_id = "
    "e.endpoint_id AND s.expires_at > now()) AS previous_expires_at";

absl::StatusOr<Endpoint> ReadEndpoint(const Row& row) {
  Endpoint endpoint;
  endpoint.endpoint_id = row.Text("endpoint_id");
  endpoint.number = row.Int("endpoint_number");
  endpoint.project_id = row.Text("project_id");
  endpoint.url = row.Text("url");
  endpoint.event_types = Words(row.Text("event_types"));
  endpoint.state =
      row.Text("state") == "enabled" ? EndpointState::kEnabled : EndpointState::kDisabled;
  endpoint.disabled_reason = row.Text("disabled_reason");
  endpoint.created_at = row.Timestamp("created_at");
  endpoint.updated_at = row.Timestamp("updated_at");
  endpoint.rotated_at = row.Timestamp("rotated_at");
  endpoint.failing_since = row.OptionalTimestamp("failing_since");
  endpoint.previous_expires_at = row.OptionalTimestamp("previous_expires_at");
  return endpoint;
}

std::string ArrayText(const std::vector<std::string>& words) {
  return "{" + absl::StrJoin(words, ",") + "}";
}

absl::Status EndpointNotFound() {
  return NotFound(reason::kEndpointNotFound, "This project has no webhook endpoint with this id.");
}

absl::Status AuditEndpoint(Session& session, const std::string& project_id, const Actor& actor,
                           std::string_view action, std::vector<audit::Detail> details) {
  audit::AuditRecord record;
  record.project_id = project_id;
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = std::string(action);
  record.details = std::move(details);
  return audit::Append(session, record);
}

absl::StatusOr<int> EnqueueEvent(Session& session, const std::string& project_id,
                                 std::string_view event_type, const std::string& payload) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result made,
      session.Execute(
          "INSERT INTO deliveries (endpoint_id, message_id, event_type, payload) SELECT "
          "endpoint_id, $2::uuid, $3::text, $4::text FROM webhook_endpoints WHERE project_id = $1 "
          "AND state = 'enabled' AND $3::text = ANY (event_types)",
          Params().Text(project_id).Text(RandomUuid()).Text(event_type).Text(payload)));
  return static_cast<int>(made.affected_rows());
}

}  // namespace shodan::automation
