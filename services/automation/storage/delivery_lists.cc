// SPDX-License-Identifier: Apache-2.0
// What is asked of deliveries by people, what they have sent again, and what is old.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "services/automation/domain/errors.h"
#include "services/automation/storage/endpoint_rows.h"
#include "services/automation/storage/postgres_delivery_store.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

absl::StatusOr<DeliveryRecord> ReadRecord(const Row& row) {
  const std::optional<DeliveryState> state = ParseDeliveryState(row.Text("state"));
  if (!state.has_value()) {
    return Internal(reason::kStoredValueUnknown, "A stored state is none that this program knows.");
  }
  DeliveryRecord record;
  record.delivery_id = row.Text("delivery_id");
  record.number = row.Int("delivery_number");
  record.message_id = row.Text("message_id");
  record.event_type = row.Text("event_type");
  record.state = *state;
  record.attempts = static_cast<int>(row.Int("attempts"));
  record.last_answer = row.Text("last_answer");
  record.created_at = row.Timestamp("created_at");
  if (record.state == DeliveryState::kPending) {
    record.next_attempt_at = row.Timestamp("next_attempt_at");
  }
  record.ended_at = row.OptionalTimestamp("ended_at");
  record.replays = static_cast<int>(row.Int("replays"));
  return record;
}

// An endpoint of the project, kept from being deleted until the transaction ends.
absl::Status KeepEndpoint(Session& session, const std::string& project_id,
                          const std::string& endpoint_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT 1 FROM webhook_endpoints WHERE project_id = $1 AND endpoint_id = $2 "
                      "FOR KEY SHARE",
                      Params().Text(project_id).Text(endpoint_id)));
  return found.empty() ? EndpointNotFound() : absl::OkStatus();
}

constexpr char kReplaySql[] =
    "UPDATE deliveries SET state = 'pending', attempts = 0, next_attempt_at = now(), ended_at = "
    "NULL, replays = replays + 1 WHERE delivery_id IN (SELECT delivery_id FROM deliveries WHERE "
    "endpoint_id = $1 AND ((cardinality($2::uuid[]) = 0 AND state = 'dead') OR (delivery_id = ANY "
    "($2::uuid[]) AND state IN ('delivered', 'dead'))) ORDER BY delivery_number LIMIT $3 FOR NO "
    "KEY UPDATE)";

}  // namespace

absl::StatusOr<std::vector<DeliveryRecord>> PostgresDeliveryStore::List(const DeliveryQuery& query,
                                                                        Deadline deadline) {
  std::optional<std::string> state;
  if (query.state.has_value()) state = std::string(ToText(*query.state));
  std::vector<DeliveryRecord> records;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    records.clear();
    SHODAN_RETURN_IF_ERROR(KeepEndpoint(session, query.project_id, query.endpoint_id));
    SHODAN_ASSIGN_OR_RETURN(
        const Result result,
        session.Execute(
            "SELECT delivery_id, delivery_number, message_id, event_type, state, attempts, "
            "last_answer, created_at, next_attempt_at, ended_at, replays FROM deliveries WHERE "
            "endpoint_id = $1 AND ($2::bigint = 0 OR delivery_number < $2) AND ($3::text IS NULL "
            "OR state = $3) ORDER BY delivery_number DESC LIMIT $4",
            Params()
                .Text(query.endpoint_id)
                .Int(query.before_number)
                .TextOrNull(state)
                .Int(query.limit)));
    for (int i = 0; i < result.size(); ++i) {
      SHODAN_ASSIGN_OR_RETURN(DeliveryRecord record, ReadRecord(result[i]));
      records.push_back(std::move(record));
    }
    return absl::OkStatus();
  }));
  return records;
}

absl::StatusOr<int> PostgresDeliveryStore::Replay(const DeliveryReplay& replay, int limit,
                                                  const Actor& actor, Deadline deadline) {
  int replayed = 0;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(KeepEndpoint(session, replay.project_id, replay.endpoint_id));
    SHODAN_ASSIGN_OR_RETURN(
        const Result result,
        session.Execute(
            kReplaySql,
            Params().Text(replay.endpoint_id).Text(ArrayText(replay.delivery_ids)).Int(limit)));
    replayed = static_cast<int>(result.affected_rows());
    if (replayed == 0) return absl::OkStatus();
    return AuditEndpoint(session, replay.project_id, actor, "webhook_deliveries.replayed",
                         {{"webhookEndpointId", replay.endpoint_id}, {"count", int64_t{replayed}}});
  }));
  return replayed;
}

absl::StatusOr<int> PostgresDeliveryStore::RemoveOldDeliveries(std::chrono::milliseconds retention,
                                                               int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result removed,
      pool_.Execute("DELETE FROM deliveries WHERE delivery_id IN (SELECT delivery_id FROM "
                    "deliveries WHERE created_at <= now() - $1::interval ORDER BY created_at LIMIT "
                    "$2 FOR UPDATE SKIP LOCKED)",
                    Params().Interval(retention).Int(limit), deadline));
  return static_cast<int>(removed.affected_rows());
}

}  // namespace shodan::automation
