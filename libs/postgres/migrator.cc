// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/migrator.h"

#include <map>
#include <memory>
#include <string>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/postgres/connection.h"

namespace shodan::postgres {
namespace {

// Any number that no other advisory lock in these databases uses.
constexpr char kLock[] = "SELECT pg_advisory_lock(7310293540184261)";
constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  version integer PRIMARY KEY,"
    "  name text NOT NULL,"
    "  sha256 bytea NOT NULL,"
    "  applied_at timestamptz NOT NULL DEFAULT now())";
constexpr std::string_view kTablePresent =
    "SELECT to_regclass('schema_migrations') IS NOT NULL AS present";
constexpr std::string_view kSelect = "SELECT version, sha256 FROM schema_migrations";
constexpr std::string_view kInsert =
    "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)";

using AppliedMigrations = std::map<int64_t, std::string>;  // version to SHA-256

AppliedMigrations ReadApplied(const Result& rows) {
  AppliedMigrations applied;
  for (int i = 0; i < rows.size(); ++i) applied[rows[i].Int("version")] = rows[i].Bytes("sha256");
  return applied;
}

std::string Describe(const Migration& migration) {
  return Join("migration ", std::to_string(migration.version), " (", migration.name, ")");
}

// What is applied must be a prefix of what this program knows, text for text.
absl::Status CheckPrefix(const AppliedMigrations& applied,
                         const std::vector<Migration>& migrations) {
  for (const auto& [version, digest] : applied) {
    if (version < 1 || version > static_cast<int64_t>(migrations.size())) {
      return FailedPrecondition("SCHEMA_NEWER",
                                Join("The database has schema version ", std::to_string(version),
                                     " and this program knows ", std::to_string(migrations.size()),
                                     ": run the newer program."));
    }
    const Migration& migration = migrations[static_cast<size_t>(version) - 1];
    if (Sha256(migration.sql) != digest) {
      return FailedPrecondition(
          "SCHEMA_CHANGED", Join("The text of ", Describe(migration),
                                 " differs from what was applied: restore it and put the change "
                                 "into a new migration."));
    }
  }
  return absl::OkStatus();
}

absl::Status Apply(Connection& connection, const Migration& migration, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(connection.Run("BEGIN", deadline).result.status());
  const absl::Status applied = connection.Run(std::string(migration.sql), deadline).result.status();
  if (!applied.ok()) {
    absl::Status status(applied.code(), ToAbsl(Join("The ", Describe(migration), " failed. ",
                                                    ToStd(applied.message()))));
    SetReason(status, ReasonOf(applied));
    SetMetadata(status, MetadataOf(applied));
    return status;
  }
  const Params row =
      Params().Int(migration.version).Text(migration.name).Bytes(Sha256(migration.sql));
  SHODAN_RETURN_IF_ERROR(connection.Execute(kInsert, row, deadline).result.status());
  return connection.Run("COMMIT", deadline).result.status();
}

absl::StatusOr<AppliedMigrations> Prepare(Connection& connection, Deadline deadline) {
  // The caller's deadline alone limits a migration; building an index takes its time.
  for (const char* sql :
       {"SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0", kLock}) {
    SHODAN_RETURN_IF_ERROR(connection.Run(sql, deadline).result.status());
  }
  SHODAN_ASSIGN_OR_RETURN(const Result present,
                          connection.Execute(kTablePresent, {}, deadline).result);
  if (!present[0].Bool("present")) {
    SHODAN_RETURN_IF_ERROR(connection.Run(kCreateTable, deadline).result.status());
  }
  SHODAN_ASSIGN_OR_RETURN(const Result rows, connection.Execute(kSelect, {}, deadline).result);
  return ReadApplied(rows);
}

absl::Status CheckNumbering(const std::vector<Migration>& migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      return Internal("SCHEMA_NUMBERING", Join("The ", Describe(migrations[i]),
                                               " is out of order: versions count from 1."));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(const ConnectionSettings& settings, const std::vector<Migration>& migrations,
                     Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(CheckNumbering(migrations));
  SHODAN_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          Connection::Open(settings, deadline));
  // The advisory lock is the session's: closing the connection releases it, whatever happens.
  SHODAN_ASSIGN_OR_RETURN(const AppliedMigrations applied, Prepare(*connection, deadline));
  SHODAN_RETURN_IF_ERROR(CheckPrefix(applied, migrations));
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    SHODAN_RETURN_IF_ERROR(Apply(*connection, migration, deadline));
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(Pool& pool, const std::vector<Migration>& migrations, Deadline deadline) {
  AppliedMigrations applied;
  SHODAN_ASSIGN_OR_RETURN(const Result present, pool.Execute(kTablePresent, {}, deadline));
  if (present[0].Bool("present")) {
    SHODAN_ASSIGN_OR_RETURN(const Result rows, pool.Execute(kSelect, {}, deadline));
    applied = ReadApplied(rows);
  }
  SHODAN_RETURN_IF_ERROR(CheckPrefix(applied, migrations));
  if (applied.size() < migrations.size()) {
    return FailedPrecondition(
        "SCHEMA_OUTDATED", Join("The database has schema version ", std::to_string(applied.size()),
                                " and this program needs ", std::to_string(migrations.size()),
                                ": run it once with --migrate."));
  }
  return absl::OkStatus();
}

}  // namespace shodan::postgres
