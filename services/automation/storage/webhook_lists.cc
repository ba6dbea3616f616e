// SPDX-License-Identifier: Apache-2.0
// What is asked of the inbox by people, and what they have told again.
#include <utility>

#include "absl/strings/str_join.h"
#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "services/automation/domain/errors.h"
#include "services/automation/storage/postgres_webhook_store.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

absl::StatusOr<WebhookRecord> ReadRecord(const Row& row) {
  const std::optional<WebhookState> state = ParseWebhookState(row.Text("state"));
  if (!state.has_value()) {
    return Internal(reason::kStoredValueUnknown, "A stored state is none that this program knows.");
  }
  WebhookRecord record;
  record.receive_id = row.Int("receive_id");
  record.webhook_id = row.Text("webhook_id");
  record.project_id = row.Text("project_id");
  record.state = *state;
  record.event = row.Text("event");
  record.received_at = row.Timestamp("received_at");
  record.event_time = row.OptionalTimestamp("event_at");
  record.user_id = row.TextOrEmpty("user_id");
  record.attempts = static_cast<int>(row.Int("attempts"));
  record.reason = row.Text("reason");
  record.duplicates = static_cast<int>(row.Int("duplicates"));
  record.replays = static_cast<int>(row.Int("replays"));
  return record;
}

ReleasedEvent ReadReleased(const Row& row) {
  ReleasedEvent event;
  event.webhook_id = row.Text("webhook_id");
  event.event = row.Text("event");
  event.event_time = row.Timestamp("event_at");
  event.received_at = row.Timestamp("received_at");
  event.link = {row.Text("project_id"), row.Text("user_id"), row.Text("link_id"),
                row.Int("generation")};
  event.sequence = row.Int("sequence");
  event.late = row.Bool("late");
  event.replays = static_cast<int>(row.Int("replays"));
  event.sealed_body = row.Bytes("body");
  return event;
}

// PostgreSQL's text form of an array of UUIDs; their characters need no quotes.
std::string UuidArray(const std::vector<std::string>& ids) {
  return "{" + absl::StrJoin(ids, ",") + "}";
}

absl::Status AuditReplay(Session& session, const ReplayRequest& request, int count,
                         const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = request.project_id;
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = "webhooks.replayed";
  record.details.emplace_back("count", int64_t{count});
  return audit::Append(session, record);
}

// What is picked is locked, so that two calls never replay the same one at the same time.
constexpr char kPickSql[] =
    "SELECT webhook_id, state, received_at FROM webhooks WHERE project_id = $1 AND ((state = "
    "'parked' AND $2) OR (state = 'released' AND $3)) AND (cardinality($4::uuid[]) = 0 OR "
    "webhook_id = ANY ($4::uuid[])) AND ($5::timestamptz IS NULL OR received_at >= $5) AND "
    "($6::timestamptz IS NULL OR received_at < $6) ORDER BY receive_id LIMIT $7 FOR UPDATE";

// Told again it gets a new number, behind what was told meanwhile.
constexpr char kReplaySql[] =
    "UPDATE webhooks SET replays = replays + 1, reason = '', attempts = 0, next_attempt_at = "
    "now(), sequence = NULL, release_at = CASE WHEN state = 'released' THEN now() END, state = "
    "CASE "
    "WHEN state = 'released' THEN 'held' ELSE 'received' END WHERE webhook_id = ANY ($1::uuid[])";

}  // namespace

absl::StatusOr<std::vector<ReleasedEvent>> PostgresWebhookStore::ListReleased(
    const std::string& project_id, const std::string& user_id, int64_t after, int limit,
    Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT webhook_id, event, event_at, received_at, project_id, user_id, link_id, "
          "generation, sequence, late, replays, body FROM webhooks WHERE state = "
          "'released' AND project_id = $1 AND user_id = $2 AND sequence > $3 ORDER BY "
          "sequence LIMIT $4",
          Params().Text(project_id).Text(user_id).Int(after).Int(limit), deadline));
  std::vector<ReleasedEvent> events;
  events.reserve(static_cast<size_t>(result.size()));
  for (int i = 0; i < result.size(); ++i) events.push_back(ReadReleased(result[i]));
  return events;
}

absl::StatusOr<std::vector<WebhookRecord>> PostgresWebhookStore::List(const WebhookQuery& query,
                                                                      Deadline deadline) {
  std::optional<std::string> state;
  if (query.state.has_value()) state = std::string(ToText(*query.state));
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(
          "SELECT receive_id, webhook_id, project_id, state, event, received_at, event_at, "
          "user_id, attempts, reason, duplicates, replays FROM webhooks WHERE project_id "
          "= $1 AND receive_id > $2 AND ($3::text IS NULL OR state = $3) AND "
          "($4::timestamptz IS NULL OR received_at >= $4) AND ($5::timestamptz IS NULL OR "
          "received_at < $5) ORDER BY receive_id LIMIT $6",
          Params()
              .Text(query.project_id)
              .Int(query.after_receive_id)
              .TextOrNull(state)
              .TimeOrNull(query.start)
              .TimeOrNull(query.end)
              .Int(query.limit),
          deadline));
  std::vector<WebhookRecord> records;
  for (int i = 0; i < result.size(); ++i) {
    SHODAN_ASSIGN_OR_RETURN(WebhookRecord record, ReadRecord(result[i]));
    records.push_back(std::move(record));
  }
  return records;
}

absl::StatusOr<ReplayResult> PostgresWebhookStore::Replay(const ReplayRequest& request, int limit,
                                                          const Actor& actor, Deadline deadline) {
  ReplayResult replayed;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    replayed = {};
    SHODAN_ASSIGN_OR_RETURN(const Result picked,
                            session.Execute(kPickSql, Params()
                                                          .Text(request.project_id)
                                                          .Bool(request.parked)
                                                          .Bool(request.released)
                                                          .Text(UuidArray(request.webhook_ids))
                                                          .TimeOrNull(request.start)
                                                          .TimeOrNull(request.end)
                                                          .Int(limit)));
    if (picked.empty()) return absl::OkStatus();
    std::vector<std::string> ids;
    for (int i = 0; i < picked.size(); ++i) {
      ids.push_back(picked[i].Text("webhook_id"));
      replayed.last_received_at = picked[i].Timestamp("received_at");
    }
    replayed.count = picked.size();
    SHODAN_RETURN_IF_ERROR(session.Execute(kReplaySql, Params().Text(UuidArray(ids))).status());
    return AuditReplay(session, request, replayed.count, actor);
  }));
  return replayed;
}

}  // namespace shodan::automation
