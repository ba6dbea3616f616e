// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_link_transaction.h"

#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/storage/link_rows.h"
#include "services/account-link/storage/request_ledger.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;

Params OwnerParams(const UserKey& owner) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id);
  return params;
}

absl::StatusOr<std::optional<Decision>> OneDecision(absl::StatusOr<Result> found) {
  if (!found.ok()) return found.status();
  if (found->empty()) return std::optional<Decision>();
  SHODAN_ASSIGN_OR_RETURN(Decision decision, ReadDecision((*found)[0]));
  return std::optional<Decision>(std::move(decision));
}

const std::string& LockLinkSql() {
  static const std::string sql =
      std::string("SELECT ") + kLinkColumns +
      ", now() AS transaction_time FROM links WHERE project_id = $1 AND user_id = $2 FOR UPDATE";
  return sql;
}

const std::string& FindDecisionSql() {
  static const std::string sql = std::string("SELECT ") + kDecisionColumns +
                                 " FROM link_decisions WHERE decision_id = $1::uuid";
  return sql;
}

const std::string& FindUndoneDecisionSql() {
  static const std::string sql =
      std::string("SELECT ") + kDecisionColumns +
      " FROM link_decisions WHERE project_id = $1 AND user_id = $2 AND attempt_id = $3::uuid"
      " AND done_at IS NULL";
  return sql;
}

const std::string& FindUndoneErasureSql() {
  static const std::string sql =
      std::string("SELECT ") + kDecisionColumns +
      " FROM link_decisions WHERE project_id = $1 AND user_id = $2 AND kind = 'erase'"
      " AND done_at IS NULL";
  return sql;
}

}  // namespace

absl::StatusOr<std::optional<LockedLink>> PostgresLinkTransaction::LockLink(const UserKey& owner) {
  SHODAN_ASSIGN_OR_RETURN(const Result found, session_.Execute(LockLinkSql(), OwnerParams(owner)));
  if (found.empty()) return std::optional<LockedLink>();
  SHODAN_ASSIGN_OR_RETURN(Link link, ReadLink(found[0]));
  return std::optional<LockedLink>(
      LockedLink{std::move(link), found[0].Timestamp("transaction_time")});
}

absl::StatusOr<LockedLink> PostgresLinkTransaction::LockOrCreateLink(const UserKey& owner,
                                                                     const std::string& link_id) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<LockedLink> existing, LockLink(owner));
  if (existing.has_value()) return *std::move(existing);
  Params params = OwnerParams(owner);
  params.Text(link_id.empty() ? RandomUuid() : link_id);
  SHODAN_RETURN_IF_ERROR(session_
                             .Execute("INSERT INTO links (project_id, user_id, link_id)"
                                      " VALUES ($1, $2, $3::uuid)"
                                      " ON CONFLICT (project_id, user_id) DO NOTHING",
                                      params)
                             .status());
  SHODAN_ASSIGN_OR_RETURN(std::optional<LockedLink> made, LockLink(owner));
  if (!made.has_value()) return Internal("LINK_MISSING", "A link's row was removed.");
  return *std::move(made);
}

absl::Status PostgresLinkTransaction::SaveLink(const Link& link) {
  Params params = OwnerParams(link.owner);
  params.Int(link.generation)
      .Text(ToText(link.state))
      .TextOrNullIfEmpty(ToText(link.cause))
      .Int(link.vault_event_id)
      .TimeOrNull(link.connect_time)
      .TimeOrNull(link.disconnect_start_time)
      .TimeOrNull(link.disconnect_end_time)
      .TextOrNullIfEmpty(link.revoked_at_zoom.has_value() ? (*link.revoked_at_zoom ? "t" : "f")
                                                          : "")
      .TimeOrNull(link.update_time)
      .TimeOrNull(link.backups_unreadable_time);
  return session_
      .Execute(
          "UPDATE links SET generation = $3, state = $4, cause = $5, vault_event_id = $6,"
          "  connected_at = $7::timestamptz, disconnect_started_at = $8::timestamptz,"
          "  disconnected_at = $9::timestamptz, revoked_at_zoom = $10::boolean,"
          "  updated_at = coalesce($11::timestamptz, updated_at),"
          "  backups_unreadable_at = $12::timestamptz"
          " WHERE project_id = $1 AND user_id = $2",
          params)
      .status();
}

absl::StatusOr<std::optional<Decision>> PostgresLinkTransaction::FindDecision(
    const std::string& decision_id) {
  Params params;
  params.Text(decision_id);
  return OneDecision(session_.Execute(FindDecisionSql(), params));
}

absl::StatusOr<std::optional<Decision>> PostgresLinkTransaction::FindUndoneDecision(
    const UserKey& owner, const std::string& attempt_id) {
  Params params = OwnerParams(owner);
  params.Text(attempt_id);
  return OneDecision(session_.Execute(FindUndoneDecisionSql(), params));
}

absl::StatusOr<std::optional<Decision>> PostgresLinkTransaction::FindUndoneErasure(
    const UserKey& owner) {
  return OneDecision(session_.Execute(FindUndoneErasureSql(), OwnerParams(owner)));
}

absl::Status PostgresLinkTransaction::InsertDecision(const Decision& decision) {
  Params params;
  params.Text(decision.decision_id)
      .Text(decision.owner.project_id)
      .Text(decision.owner.user_id)
      .Text(decision.link_id)
      .Text(ToText(decision.kind))
      .TextOrNullIfEmpty(decision.attempt_id)
      .Int(decision.expected_generation)
      .TextOrNullIfEmpty(ToText(decision.result))
      .TextOrNullIfEmpty(ToText(decision.cause))
      .Text(decision.actor.name)
      .Text(decision.actor.caller)
      .Text(decision.actor.request_id);
  return session_
      .Execute(
          "INSERT INTO link_decisions (decision_id, project_id, user_id, link_id, kind,"
          "  attempt_id, expected_generation, result, cause, actor, caller, request_id)"
          " VALUES ($1::uuid, $2, $3, $4::uuid, $5, $6::uuid, $7, $8, $9, $10, $11, $12)",
          params)
      .status();
}

absl::Status PostgresLinkTransaction::SetExpectedGeneration(const std::string& decision_id,
                                                            int64_t generation) {
  Params params;
  params.Text(decision_id).Int(generation);
  return session_
      .Execute(
          "UPDATE link_decisions SET expected_generation = $2"
          " WHERE decision_id = $1::uuid AND done_at IS NULL",
          params)
      .status();
}

absl::Status PostgresLinkTransaction::FinishDecision(const std::string& decision_id,
                                                     std::string_view failure) {
  Params params;
  params.Text(decision_id).TextOrNullIfEmpty(failure);
  return session_
      .Execute(
          "UPDATE link_decisions SET done_at = now(), failure = $2"
          " WHERE decision_id = $1::uuid AND done_at IS NULL",
          params)
      .status();
}

absl::StatusOr<std::string> PostgresLinkTransaction::ClaimRequest(const IdempotentRequest& request,
                                                                  const std::string& resource_id) {
  return account_link::ClaimRequest(session_, request, resource_id);
}

absl::Status PostgresLinkTransaction::AppendAudit(const AuditEntry& entry) {
  return audit::Append(session_, {.project_id = entry.owner.project_id,
                                  .user_id = entry.owner.user_id,
                                  .link_id = entry.link_id,
                                  .actor = entry.actor.name,
                                  .caller = entry.actor.caller,
                                  .request_id = entry.actor.request_id,
                                  .action = std::string(entry.action),
                                  .details = entry.details});
}

absl::StatusOr<std::optional<int64_t>> PostgresLinkTransaction::LockCursor(bool wait) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      wait ? session_.Execute("SELECT event_id FROM vault_cursor FOR UPDATE")
           : session_.Execute("SELECT event_id FROM vault_cursor FOR UPDATE SKIP LOCKED"));
  if (found.empty()) return std::optional<int64_t>();
  return std::optional<int64_t>(found[0].Int("event_id"));
}

absl::Status PostgresLinkTransaction::AdvanceCursor(int64_t event_id) {
  Params params;
  params.Int(event_id);
  return session_.Execute("UPDATE vault_cursor SET event_id = greatest(event_id, $1)", params)
      .status();
}

}  // namespace shodan::account_link
