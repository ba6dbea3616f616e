// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/storage/postgres_intent_store.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/audit/audit.h"
#include "libs/base/crash_point.h"
#include "libs/base/status.h"

namespace shodan::zoomapi {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// A commit whose fate is not known is looked for so often: the attempt's id tells whether it was.
constexpr int kCommitTries = 3;

constexpr std::string_view kBegin =
    "INSERT INTO intents AS earlier (project_id, caller, user_id, request_digest, attempt_id,"
    "  head_fingerprint, body_fingerprint, actor, call_id, method, endpoint, deadline_at)"
    " VALUES ($1, $2, $3, $4::bytea, $5::uuid, $6::bytea, $7::bytea, $8, $9, $10, $11,"
    "  now() + $12::interval)"
    " ON CONFLICT (project_id, caller, user_id, request_digest) DO UPDATE"
    " SET attempt_id = excluded.attempt_id, head_fingerprint = excluded.head_fingerprint,"
    "  body_fingerprint = excluded.body_fingerprint, state = 'sending', zoom_status = NULL,"
    "  actor = excluded.actor, call_id = excluded.call_id, method = excluded.method,"
    "  endpoint = excluded.endpoint, created_at = excluded.created_at,"
    "  deadline_at = excluded.deadline_at, ended_at = NULL"
    " WHERE (earlier.attempt_id = excluded.attempt_id AND earlier.state = 'sending')"
    "  OR earlier.created_at <= now() - $13::interval"
    "  OR (earlier.state = 'not_sent'"
    "   AND earlier.head_fingerprint = excluded.head_fingerprint"
    "   AND coalesce(earlier.body_fingerprint = excluded.body_fingerprint, true))"
    " RETURNING attempt_id";

constexpr std::string_view kFind =
    "SELECT state, zoom_status, head_fingerprint, body_fingerprint FROM intents"
    " WHERE project_id = $1 AND caller = $2 AND user_id = $3 AND request_digest = $4::bytea";

constexpr std::string_view kEnd =
    "UPDATE intents SET state = $6, zoom_status = $7::bigint,"
    "  body_fingerprint = coalesce($8::bytea, body_fingerprint), ended_at = now()"
    " WHERE project_id = $1 AND caller = $2 AND user_id = $3 AND request_digest = $4::bytea"
    "  AND attempt_id = $5::uuid AND state = 'sending'";

// In the order of the audit's chains, so that two sweeps never lock them crosswise.
constexpr std::string_view kEndLost =
    "WITH lost AS (SELECT ctid FROM intents WHERE state = 'sending' AND deadline_at <= now()"
    "   ORDER BY deadline_at LIMIT $1::bigint FOR UPDATE SKIP LOCKED),"
    " ended AS (UPDATE intents SET state = 'unknown', ended_at = now()"
    "   WHERE ctid IN (SELECT ctid FROM lost)"
    "   RETURNING project_id, user_id, caller, actor, call_id, method, endpoint)"
    " SELECT * FROM ended ORDER BY project_id, user_id";

constexpr std::string_view kRemoveOld =
    "DELETE FROM intents WHERE ctid IN (SELECT ctid FROM intents"
    "  WHERE created_at <= now() - $1::interval AND state <> 'sending'"
    "  ORDER BY created_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)";

Params KeyParams(const Intent& intent) {
  Params params;
  params.Text(intent.requester.project_id)
      .Text(intent.requester.caller)
      .Text(intent.requester.user_id)
      .Bytes(intent.request_digest);
  return params;
}

std::optional<std::string> OptionalBytes(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional<std::string>(bytes);
}

absl::StatusOr<EarlierIntent> ReadEarlier(const Row& row) {
  EarlierIntent earlier;
  const std::string text = row.Text("state");
  bool known = false;
  for (const IntentState state : {IntentState::kSending, IntentState::kCompleted,
                                  IntentState::kUnknown, IntentState::kNotSent}) {
    if (ToText(state) != text) continue;
    earlier.state = state;
    known = true;
  }
  if (!known) {
    return Internal("STORED_VALUE_UNKNOWN", "A stored state is none that this program knows.");
  }
  earlier.zoom_status = static_cast<int>(row.OptionalInt("zoom_status").value_or(0));
  earlier.head_fingerprint = row.Bytes("head_fingerprint");
  earlier.body_fingerprint = row.OptionalBytes("body_fingerprint").value_or("");
  return earlier;
}

std::string_view ActionOf(IntentState state) {
  return state == IntentState::kCompleted ? "zoom.request_completed"
                                          : "zoom.request_outcome_unknown";
}

audit::AuditRecord RecordOf(const Intent& intent, const IntentEnding& ending) {
  audit::AuditRecord record{.project_id = intent.requester.project_id,
                            .user_id = intent.requester.user_id,
                            .link_id = std::nullopt,
                            .actor = intent.requester.actor,
                            .caller = intent.requester.caller,
                            .request_id = intent.requester.call_id,
                            .action = std::string(ActionOf(ending.state)),
                            .details = {{"method", intent.method}, {"endpoint", intent.endpoint}}};
  if (ending.zoom_status != 0) {
    record.details.emplace_back("zoomStatus", int64_t{ending.zoom_status});
  }
  if (!ending.tracking_id.empty()) record.details.emplace_back("trackingId", ending.tracking_id);
  return record;
}

audit::AuditRecord RecordOfLost(const Row& row) {
  return {.project_id = row.Text("project_id"),
          .user_id = row.Text("user_id"),
          .link_id = std::nullopt,
          .actor = row.Text("actor"),
          .caller = row.Text("caller"),
          .request_id = row.Text("call_id"),
          .action = std::string(ActionOf(IntentState::kUnknown)),
          .details = {{"method", row.Text("method")}, {"endpoint", row.Text("endpoint")}}};
}

}  // namespace

absl::StatusOr<std::optional<EarlierIntent>> PostgresIntentStore::Begin(const Intent& intent,
                                                                        Deadline deadline) {
  absl::StatusOr<std::optional<EarlierIntent>> begun = TryBegin(intent, deadline);
  for (int tries = 1; tries < kCommitTries && HasReason(begun.status(), "COMMIT_UNKNOWN");
       ++tries) {
    begun = TryBegin(intent, deadline);
  }
  return begun;
}

absl::StatusOr<std::optional<EarlierIntent>> PostgresIntentStore::TryBegin(const Intent& intent,
                                                                           Deadline deadline) {
  Params params = KeyParams(intent);
  params.Text(intent.attempt_id)
      .Bytes(intent.head_fingerprint)
      .BytesOrNull(OptionalBytes(intent.body_fingerprint))
      .Text(intent.requester.actor)
      .Text(intent.requester.call_id)
      .Text(intent.method)
      .Text(intent.endpoint)
      .Interval(intent.time_limit)
      .Interval(retention_);
  std::optional<EarlierIntent> earlier;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    earlier.reset();
    SHODAN_ASSIGN_OR_RETURN(const Result begun, session.Execute(kBegin, params));
    if (begun.empty()) {
      SHODAN_ASSIGN_OR_RETURN(const Result found, session.Execute(kFind, KeyParams(intent)));
      if (found.empty()) return Aborted("DATABASE_SERIALIZATION", "The request id became free.");
      SHODAN_ASSIGN_OR_RETURN(earlier, ReadEarlier(found[0]));
    }
    CrashPoint("zoomapi.intent.before_commit");
    return absl::OkStatus();
  }));
  CrashPoint("zoomapi.intent.after_commit");
  return earlier;
}

absl::Status PostgresIntentStore::End(const Intent& intent, const IntentEnding& ending,
                                      Deadline deadline) {
  Params params = KeyParams(intent);
  params.Text(intent.attempt_id)
      .Text(ToText(ending.state))
      .IntOrNull(ending.zoom_status == 0 ? std::nullopt
                                         : std::optional<int64_t>(ending.zoom_status))
      .BytesOrNull(OptionalBytes(ending.body_fingerprint));
  CrashPoint("zoomapi.intent.before_end");
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const Result ended, session.Execute(kEnd, params));
    if (ended.affected_rows() == 0 || ending.state == IntentState::kNotSent) {
      return absl::OkStatus();
    }
    return audit::Append(session, RecordOf(intent, ending));
  }));
  CrashPoint("zoomapi.intent.after_end");
  return absl::OkStatus();
}

absl::StatusOr<int> PostgresIntentStore::EndLost(int limit, Deadline deadline) {
  int ended = 0;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const Result lost, session.Execute(kEndLost, Params().Int(limit)));
    std::vector<audit::AuditRecord> records;
    for (int row = 0; row < lost.size(); ++row) records.push_back(RecordOfLost(lost[row]));
    ended = lost.size();
    return records.empty() ? absl::OkStatus() : audit::AppendAll(session, records);
  }));
  return ended;
}

absl::StatusOr<int> PostgresIntentStore::RemoveOld(int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result removed,
      pool_.Execute(kRemoveOld, Params().Interval(retention_).Int(limit), deadline));
  return static_cast<int>(removed.affected_rows());
}

}  // namespace shodan::zoomapi
