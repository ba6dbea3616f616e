// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_import_store.h"

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/domain/names.h"
#include "services/token-vault/storage/row_mapping.h"
#include "services/token-vault/storage/state_change.h"
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

constexpr int kSweepBatch = 100;

ImportKey ReadKey(const Row& row) {
  ImportKey key;
  key.import_key_id = row.Text("import_key_id");
  key.project_id = row.Text("project_id");
  key.public_jwk = row.Text("public_jwk");
  key.created_at = row.Timestamp("created_at");
  key.expires_at = row.Timestamp("expires_at");
  key.stored = row.Int("stored");
  return key;
}

absl::Status Audit(Session& session, const std::string& project_id, const std::string& user_id,
                   std::string_view action, audit::Detail detail, const Actor& actor) {
  audit::AuditRecord record;
  record.project_id = project_id;
  record.user_id = user_id;
  record.actor = actor.actor;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = action;
  record.details.push_back(std::move(detail));
  return audit::Append(session, record);
}

// Keys of a project are counted and added one after the other.
absl::Status LockProjectKeys(Session& session, const std::string& project_id) {
  return session
      .Execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", Params().Text(project_id))
      .status();
}

absl::StatusOr<bool> Destroy(Session& session, const std::string& import_key_id,
                             std::string_view action, const Actor& actor) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result deleted,
      session.Execute("DELETE FROM import_keys WHERE import_key_id = $1 RETURNING project_id",
                      Params().Text(import_key_id)));
  if (deleted.empty()) return false;
  SHODAN_RETURN_IF_ERROR(Audit(session, deleted[0].Text("project_id"), "", action,
                               {"importKeyId", import_key_id}, actor));
  return true;
}

// The user's lock is held: nobody else begins an import of this envelope meanwhile.
absl::StatusOr<bool> MayBegin(Session& session, const NewImport& import, BegunImport& begun) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute(
          "SELECT i.unresolved, i.stored_at IS NULL AND i.rejected_at IS NULL AND a.state = "
          "'ended' AND a.result <> 'superseded' AS open FROM import_lines i JOIN attempts a USING "
          "(attempt_id) WHERE i.line_digest = $1 FOR UPDATE OF i",
          Params().Bytes(import.digest)));
  begun.earlier_unresolved = !found.empty() && found[0].Bool("unresolved");
  return found.empty() || found[0].Bool("open");
}

absl::Status WriteBegun(Session& session, const NewImport& import, BegunImport& begun) {
  static const std::string sql = Join(
      "INSERT INTO attempts (attempt_id, project_id, user_id, user_display_name, zoom_app_id, "
      "purpose, state, ticket_expires_at, expires_at, exchanging_at) VALUES ($1, $2, $3, '', "
      "$4, 'import', 'exchanging', now(), now() + $5::interval, now()) RETURNING ",
      kAttemptColumns, ", exchanging_at");
  SHODAN_ASSIGN_OR_RETURN(const Result made,
                          session.Execute(sql, Params()
                                                   .Text(import.attempt_id)
                                                   .Text(import.project_id)
                                                   .Text(import.user_id)
                                                   .Text(import.zoom_app_id)
                                                   .Interval(import.attempt_lifetime)));
  begun.attempt = ReadAttempt(made[0]);
  begun.begun_at = made[0].Timestamp("exchanging_at");
  return session
      .Execute(
          "INSERT INTO import_lines (line_digest, import_key_id, attempt_id) VALUES ($1, $2, "
          "$3) ON CONFLICT (line_digest) DO UPDATE SET attempt_id = excluded.attempt_id, "
          "unresolved = true",
          Params().Bytes(import.digest).Text(import.import_key_id).Text(import.attempt_id))
      .status();
}

}  // namespace

absl::StatusOr<std::optional<ImportKey>> PostgresImportStore::InsertKey(const NewImportKey& key,
                                                                        int max, const Actor& actor,
                                                                        Deadline deadline) {
  std::optional<ImportKey> stored;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    stored.reset();
    SHODAN_RETURN_IF_ERROR(LockProjectKeys(session, key.project_id));
    SHODAN_ASSIGN_OR_RETURN(
        const Result made,
        session.Execute("INSERT INTO import_keys (import_key_id, project_id, public_jwk, "
                        "private_key, expires_at) SELECT $1, $2, $3, $4, now() + $5::interval "
                        "WHERE (SELECT count(*) FROM import_keys WHERE project_id = $2 AND "
                        "expires_at > now()) < $6 RETURNING *, 0 AS stored",
                        Params()
                            .Text(key.import_key_id)
                            .Text(key.project_id)
                            .Text(key.public_jwk)
                            .Bytes(key.sealed_private_key)
                            .Interval(key.lifetime)
                            .Int(max)));
    if (made.empty()) return absl::OkStatus();
    stored = ReadKey(made[0]);
    return Audit(session, key.project_id, "", "import_key.created",
                 {"importKeyId", key.import_key_id}, actor);
  }));
  return stored;
}

absl::StatusOr<std::vector<ImportKey>> PostgresImportStore::ListKeys(const std::string& project_id,
                                                                     Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT k.*, (SELECT count(*) FROM import_lines i WHERE i.import_key_id = "
                    "k.import_key_id AND i.stored_at IS NOT NULL) AS stored FROM import_keys k "
                    "WHERE project_id = $1 AND expires_at > now() ORDER BY created_at DESC, "
                    "import_key_id",
                    Params().Text(project_id), deadline));
  std::vector<ImportKey> keys;
  for (int i = 0; i < result.size(); ++i) keys.push_back(ReadKey(result[i]));
  return keys;
}

absl::StatusOr<std::optional<std::string>> PostgresImportStore::FindKey(
    const std::string& import_key_id, const std::string& project_id, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT private_key FROM import_keys WHERE import_key_id = $1 AND project_id = "
                    "$2 AND expires_at > now()",
                    Params().Text(import_key_id).Text(project_id), deadline));
  if (result.empty()) return std::nullopt;
  return result[0].Bytes("private_key");
}

absl::StatusOr<bool> PostgresImportStore::DestroyKey(const std::string& import_key_id,
                                                     const Actor& actor, Deadline deadline) {
  bool known = false;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(known, Destroy(session, import_key_id, "import_key.destroyed", actor));
    return absl::OkStatus();
  }));
  return known;
}

absl::Status PostgresImportStore::DestroyExpiredKeys(Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(
        const Result due,
        session.Execute("SELECT import_key_id FROM import_keys WHERE expires_at <= now() ORDER BY "
                        "import_key_id LIMIT $1 FOR UPDATE SKIP LOCKED",
                        Params().Int(kSweepBatch)));
    for (int i = 0; i < due.size(); ++i) {
      SHODAN_RETURN_IF_ERROR(
          Destroy(session, due[i].Text("import_key_id"), "import_key.expired", OwnActor())
              .status());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<ImportLine>> PostgresImportStore::FindLine(const std::string& digest,
                                                                        Deadline deadline) {
  static const std::string sql = Join("SELECT ", kAttemptColumns,
                                      ", stored_at IS NOT NULL AS stored, rejected_at IS NOT NULL "
                                      "AS rejected, unresolved FROM import_lines JOIN attempts "
                                      "USING (attempt_id) WHERE line_digest = $1");
  SHODAN_ASSIGN_OR_RETURN(const Result result,
                          pool_.Execute(sql, Params().Bytes(digest), deadline));
  if (result.empty()) return std::nullopt;
  return ImportLine{ReadAttempt(result[0]), result[0].Bool("stored"), result[0].Bool("rejected"),
                    result[0].Bool("unresolved")};
}

absl::StatusOr<std::optional<BegunImport>> PostgresImportStore::Begin(const NewImport& import,
                                                                      const Actor& actor,
                                                                      Deadline deadline) {
  std::optional<BegunImport> begun;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    begun.reset();
    SHODAN_RETURN_IF_ERROR(LockUser(session, import.project_id, import.user_id));
    BegunImport made;
    SHODAN_ASSIGN_OR_RETURN(const bool may_begin, MayBegin(session, import, made));
    if (!may_begin) return absl::OkStatus();
    SHODAN_RETURN_IF_ERROR(WriteBegun(session, import, made));
    begun = std::move(made);
    return Audit(session, import.project_id, import.user_id, "import.begun",
                 {"attemptId", import.attempt_id}, actor);
  }));
  return begun;
}

absl::Status PostgresImportStore::Reject(const std::string& digest, Deadline deadline) {
  return pool_
      .Execute(
          "UPDATE import_lines SET rejected_at = coalesce(rejected_at, now()) WHERE "
          "line_digest = $1 AND stored_at IS NULL",
          Params().Bytes(digest), deadline)
      .status();
}

absl::Status PostgresImportStore::NoteUnused(const std::string& digest, bool unresolved,
                                             Deadline deadline) {
  return pool_
      .Execute(
          "UPDATE import_lines SET unresolved = $2 WHERE line_digest = $1 AND stored_at IS "
          "NULL",
          Params().Bytes(digest).Bool(unresolved), deadline)
      .status();
}

}  // namespace shodan::tokenvault
