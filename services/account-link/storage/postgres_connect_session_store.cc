// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_connect_session_store.h"

#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/storage/external_ids.h"
#include "services/account-link/storage/postgres_link_transaction.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;

ConnectSession ReadSession(const Row& row) {
  ConnectSession session;
  session.owner = {row.Text("project_id"), row.Text("user_id")};
  session.user_display_name = row.Text("user_display_name");
  session.reconnect = row.Bool("reconnect");
  session.expire_time = row.Timestamp("expires_at");
  return session;
}

absl::Status RequireProject(postgres::Session& session, const std::string& project_id) {
  Params params;
  params.Text(project_id);
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT 1 AS present FROM projects WHERE project_id = $1", params));
  return found.empty() ? ProjectNotFound() : absl::OkStatus();
}

// Whose connection it is.
absl::StatusOr<std::string> UserOf(postgres::Session& session, const std::string& project_id,
                                   const std::string& connection_id) {
  Params params;
  params.Text(project_id)
      .Text(connection_id)
      .TextOrNullIfEmpty(IsUuid(connection_id) ? connection_id : "");
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT user_id FROM links WHERE project_id = $1 AND (external_id = $2 OR"
                      " (external_id IS NULL AND link_id = $3::uuid)) AND state <> 'none' AND"
                      " state <> 'disconnecting'",
                      params));
  if (found.empty()) return ConnectionNotFound();
  return found[0].Text("user_id");
}

// A user who never had a link gets the row of one, which keeps the name.
absl::Status GiveName(postgres::Session& session, const UserKey& owner, const std::string& name) {
  PostgresLinkTransaction transaction(session);
  SHODAN_RETURN_IF_ERROR(transaction.LockOrCreateLink(owner, "").status());
  SHODAN_ASSIGN_OR_RETURN(const Naming naming, NameLink(session, owner, name));
  if (naming == Naming::kDone) return absl::OkStatus();
  return naming == Naming::kTaken ? ConnectionIdTaken() : ConnectionIdFixed();
}

absl::Status RemoveEnded(postgres::Session& session) {
  Params params;
  params.Int(kMaxPurgedRows);
  return session
      .Execute(
          "DELETE FROM connect_sessions WHERE secret_hash IN (SELECT secret_hash FROM"
          " connect_sessions WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE"
          " SKIP LOCKED)",
          params)
      .status();
}

absl::Status WriteAudit(postgres::Session& session, const ConnectSession& made,
                        const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = made.owner.project_id;
  record.user_id = made.owner.user_id;
  record.actor = actor.name;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = "connect_session.created";
  return audit::Append(session, record);
}

absl::StatusOr<ConnectSession> InsertRow(postgres::Session& session,
                                         const ConnectSessionContent& content,
                                         const std::string& user_id,
                                         const std::string& secret_hash) {
  Params params;
  params.Bytes(secret_hash)
      .Text(content.owner.project_id)
      .Text(user_id)
      .Text(content.user_display_name.empty() ? user_id : content.user_display_name)
      .Bool(content.reconnect)
      .Interval(kConnectSessionLifetime);
  SHODAN_ASSIGN_OR_RETURN(
      const Result made,
      session.Execute("INSERT INTO connect_sessions (secret_hash, project_id, user_id,"
                      " user_display_name, reconnect, expires_at) VALUES ($1, $2, $3, $4, $5,"
                      " now() + $6::interval) RETURNING project_id, user_id, user_display_name,"
                      " reconnect, expires_at",
                      params));
  return ReadSession(made[0]);
}

}  // namespace

absl::StatusOr<ConnectSession> PostgresConnectSessionStore::Insert(
    const ConnectSessionContent& content, const std::string& secret_hash, const Actor& actor,
    Deadline deadline) {
  ConnectSession made;
  const absl::Status status =
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(RequireProject(session, content.owner.project_id));
        SHODAN_RETURN_IF_ERROR(RemoveEnded(session));
        std::string user_id = content.owner.user_id;
        if (content.reconnect) {
          SHODAN_ASSIGN_OR_RETURN(user_id,
                                  UserOf(session, content.owner.project_id, content.connection_id));
        } else if (!content.connection_id.empty()) {
          SHODAN_RETURN_IF_ERROR(GiveName(session, content.owner, content.connection_id));
        }
        SHODAN_ASSIGN_OR_RETURN(made, InsertRow(session, content, user_id, secret_hash));
        return WriteAudit(session, made, actor);
      });
  // Two users' links were given one name at the same moment.
  if (HasReason(status, "DATABASE_CONFLICT")) return ConnectionIdTaken();
  if (!status.ok()) return status;
  return made;
}

absl::StatusOr<std::optional<ConnectSession>> PostgresConnectSessionStore::Find(
    const std::string& secret_hash, Deadline deadline) {
  Params params;
  params.Bytes(secret_hash);
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      pool_.Execute("SELECT project_id, user_id, user_display_name, reconnect, expires_at FROM"
                    " connect_sessions WHERE secret_hash = $1 AND expires_at > now()",
                    params, deadline));
  if (found.empty()) return std::optional<ConnectSession>();
  return std::optional<ConnectSession>(ReadSession(found[0]));
}

absl::StatusOr<bool> PostgresConnectSessionStore::Delete(const std::string& secret_hash,
                                                         Deadline deadline) {
  Params params;
  params.Bytes(secret_hash);
  SHODAN_ASSIGN_OR_RETURN(
      const Result deleted,
      pool_.Execute("DELETE FROM connect_sessions WHERE secret_hash = $1 AND expires_at > now()"
                    " RETURNING reconnect",
                    params, deadline));
  return !deleted.empty();
}

}  // namespace shodan::account_link
