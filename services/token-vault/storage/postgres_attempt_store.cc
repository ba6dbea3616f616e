// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_attempt_store.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/row_mapping.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Session;

const std::string& SelectAttempt() {
  static const std::string sql = Join("SELECT ", kAttemptColumns,
                                      ", user_display_name, cookie_hash, code_verifier "
                                      "FROM attempts ");
  return sql;
}

absl::Status AuditAttempt(Session& session, const Attempt& attempt, std::string_view action,
                          const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = attempt.project_id;
  record.user_id = attempt.user_id;
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = action;
  record.details.emplace_back("attemptId", attempt.attempt_id);
  record.details.emplace_back("result", std::string(NameOf(attempt.result)));
  return audit::Append(session, record);
}

// True when it was pending or exchanging until now.
absl::StatusOr<bool> EndAttempt(Session& session, const std::string& attempt_id,
                                AttemptResult result, const Actor& actor) {
  static const std::string sql = Join(
      "UPDATE attempts SET state = 'ended', result = $2, ended_at = now(), ticket_hash = NULL, "
      "code_verifier = NULL WHERE attempt_id = $1 AND state IN ('pending', 'exchanging') "
      "RETURNING ",
      kAttemptColumns);
  SHODAN_ASSIGN_OR_RETURN(const Result updated,
                          session.Execute(sql, Params().Text(attempt_id).Text(NameOf(result))));
  if (updated.empty()) return false;
  SHODAN_RETURN_IF_ERROR(
      AuditAttempt(session, ReadAttempt(updated[0]), "authorization.ended", actor));
  return true;
}

// Zoom keeps one grant per user and app: an exchange whose tokens nobody has may have ended the
// grant that it was to replace. As after a lost refresh, the link is proved at once.
absl::Status DoubtGrantBefore(Session& session, const std::string& attempt_id) {
  return session
      .Execute(
          "UPDATE grants g SET intent_id = a.attempt_id, intent_token_version = "
          "g.token_version, intent_at = a.exchanging_at, next_attempt_at = NULL "
          "FROM attempts a WHERE a.attempt_id = $1 AND a.exchanging_at IS NOT NULL AND "
          "g.project_id = a.project_id AND g.user_id = a.user_id AND g.state = 'active' AND "
          "g.intent_id IS NULL",
          Params().Text(attempt_id))
      .status();
}

}  // namespace

absl::StatusOr<Attempt> PostgresAttemptStore::Insert(const NewAttempt& attempt, const Actor& actor,
                                                     Deadline deadline) {
  static const std::string sql = Join(
      "INSERT INTO attempts (attempt_id, project_id, user_id, user_display_name, zoom_app_id, "
      "purpose, state, ticket_hash, ticket_expires_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, now() + $8::interval, "
      "now() + $9::interval) ON CONFLICT (attempt_id) DO NOTHING RETURNING ",
      kAttemptColumns);
  Attempt stored;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const Result result,
                            session.Execute(sql, Params()
                                                     .Text(attempt.attempt_id)
                                                     .Text(attempt.project_id)
                                                     .Text(attempt.user_id)
                                                     .Text(attempt.user_display_name)
                                                     .Text(attempt.zoom_app_id)
                                                     .Text(NameOf(attempt.purpose))
                                                     .Bytes(attempt.ticket_hash)
                                                     .Interval(attempt.ticket_lifetime)
                                                     .Interval(attempt.attempt_lifetime)));
    if (result.empty()) {
      return AlreadyExists(kAttemptExists, "There is an attempt of this id already.");
    }
    stored = ReadAttempt(result[0]);
    return AuditAttempt(session, stored, "authorization.started", actor);
  }));
  return stored;
}

absl::StatusOr<std::optional<TicketedAttempt>> PostgresAttemptStore::FindByTicket(
    const std::string& ticket_hash, Deadline deadline) {
  static const std::string sql =
      Join(SelectAttempt(), "WHERE ticket_hash = $1 AND ticket_expires_at > now()");
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute(sql, Params().Bytes(ticket_hash), deadline));
  if (result.empty()) return std::nullopt;
  return TicketedAttempt{ReadAttempt(result[0]), result[0].Text("user_display_name")};
}

absl::StatusOr<bool> PostgresAttemptStore::Redeem(const std::string& ticket_hash,
                                                  const Redemption& redemption, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("UPDATE attempts SET ticket_hash = NULL, state_hash = $2, cookie_hash = $3, "
                    "code_verifier = $4 WHERE ticket_hash = $1 AND ticket_expires_at > now() AND "
                    "state = 'pending' AND expires_at > now()",
                    Params()
                        .Bytes(ticket_hash)
                        .Bytes(redemption.state_hash)
                        .Bytes(redemption.cookie_hash)
                        .Bytes(redemption.sealed_verifier),
                    deadline));
  return result.affected_rows() == 1;
}

absl::StatusOr<std::optional<RedeemedAttempt>> PostgresAttemptStore::FindByState(
    const std::string& state_hash, Deadline deadline) {
  static const std::string sql = Join(SelectAttempt(), "WHERE state_hash = $1");
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute(sql, Params().Bytes(state_hash), deadline));
  if (result.empty()) return std::nullopt;
  return RedeemedAttempt{ReadAttempt(result[0]), result[0].Bytes("cookie_hash"),
                         result[0].OptionalBytes("code_verifier").value_or(std::string())};
}

absl::StatusOr<std::optional<Time>> PostgresAttemptStore::Consume(const std::string& attempt_id,
                                                                  Deadline deadline) {
  // The verifier has done its work once it was read; a consumed attempt keeps none.
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("UPDATE attempts SET state = 'exchanging', exchanging_at = now(), "
                    "code_verifier = NULL WHERE attempt_id = $1 AND state = 'pending' AND "
                    "expires_at > now() RETURNING exchanging_at",
                    Params().Text(attempt_id), deadline));
  if (result.empty()) return std::nullopt;
  return result[0].Timestamp("exchanging_at");
}

absl::Status PostgresAttemptStore::End(const std::string& attempt_id, AttemptResult result,
                                       const Actor& actor, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) {
    return EndAttempt(session, attempt_id, result, actor).status();
  });
}

absl::Status PostgresAttemptStore::EndLost(const std::string& attempt_id, const Actor& actor,
                                           Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockUserOfAttempt(session, attempt_id));
    SHODAN_ASSIGN_OR_RETURN(const bool ended,
                            EndAttempt(session, attempt_id, AttemptResult::kSystemError, actor));
    return ended ? DoubtGrantBefore(session, attempt_id) : absl::OkStatus();
  });
}

absl::StatusOr<std::optional<Attempt>> PostgresAttemptStore::Find(const std::string& project_id,
                                                                  const std::string& user_id,
                                                                  const std::string& attempt_id,
                                                                  Deadline deadline) {
  static const std::string sql =
      Join(SelectAttempt(), "WHERE project_id = $1 AND user_id = $2 AND attempt_id = $3");
  static const std::string latest_sql =
      Join(SelectAttempt(),
           "WHERE project_id = $1 AND user_id = $2 AND purpose <> 'import' ORDER BY created_at "
           "DESC, attempt_id LIMIT 1");
  Params params;
  params.Text(project_id).Text(user_id);
  if (!attempt_id.empty()) params.Text(attempt_id);
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute(attempt_id.empty() ? latest_sql : sql, params, deadline));
  if (result.empty()) return std::nullopt;
  return ReadAttempt(result[0]);
}

absl::StatusOr<bool> PostgresAttemptStore::HasOpenRevocation(const std::string& project_id,
                                                             const std::string& user_id,
                                                             Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT 1 FROM revocations WHERE project_id = $1 AND user_id = $2 AND "
                    "wiped_at IS NULL LIMIT 1",
                    Params().Text(project_id).Text(user_id), deadline));
  return !result.empty();
}

absl::Status PostgresAttemptStore::Sweep(std::chrono::milliseconds exchange_limit,
                                         std::chrono::milliseconds retention, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(
      pool_
          .Execute("UPDATE attempts SET state = 'ended', ended_at = now(), ticket_hash = NULL, "
                   "code_verifier = NULL, result = 'expired' WHERE state = 'pending' AND "
                   "expires_at <= now()",
                   Params(), deadline)
          .status());
  SHODAN_ASSIGN_OR_RETURN(
      const Result crashed,
      pool_.Execute("SELECT attempt_id FROM attempts WHERE state = 'exchanging' AND "
                    "exchanging_at < now() - $1::interval LIMIT 1000",
                    Params().Interval(exchange_limit), deadline));
  for (int i = 0; i < crashed.size(); ++i) {
    SHODAN_RETURN_IF_ERROR(EndLost(crashed[i].Text("attempt_id"), OwnActor(), deadline));
  }
  return pool_
      .Execute(
          "DELETE FROM attempts a WHERE state IN ('activated', 'ended') AND "
          "ended_at < now() - $1::interval AND NOT EXISTS (SELECT 1 FROM pending_grants p "
          "WHERE p.attempt_id = a.attempt_id) AND NOT EXISTS (SELECT 1 FROM import_lines i "
          "WHERE i.attempt_id = a.attempt_id)",
          Params().Interval(retention), deadline)
      .status();
}

}  // namespace shodan::tokenvault
