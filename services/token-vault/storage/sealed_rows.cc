// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/sealed_rows.h"

#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

struct Column {
  const char* name = nullptr;
  bool with_token_version = false;
};

/// How one table is walked and written. `list` takes epoch, last id and limit; `replace` takes id,
/// old epoch, new epoch, generation and token version where the table has them, the new fields and
/// the old ones.
struct TableSql {
  const char* name;
  std::vector<Column> columns;
  bool generation;
  bool token_version;
  bool records_epoch;  ///< the others derive it from the field alone
  const char* list;
  const char* replace;
};

const TableSql& SqlOf(SealedTable table) {
  static const TableSql zoom_apps = {
      "zoom_apps",
      {{"client_secret", false},
       {"previous_client_secret", false},
       {"webhook_secret", false},
       {"previous_webhook_secret", false},
       {"file_entry", false}},
      false,
      false,
      false,
      "SELECT zoom_app_id AS row_id, project_id, '' AS user_id, client_secret, "
      "previous_client_secret, webhook_secret, previous_webhook_secret, file_entry FROM zoom_apps "
      "WHERE key_epoch = $1 AND zoom_app_id > $2::uuid ORDER BY zoom_app_id LIMIT $3",
      "UPDATE zoom_apps SET client_secret = $3, previous_client_secret = $4, webhook_secret = $5, "
      "previous_webhook_secret = $6, file_entry = $7 WHERE zoom_app_id = $1 AND key_epoch = $2 AND "
      "client_secret IS NOT DISTINCT FROM $8 AND previous_client_secret IS NOT DISTINCT FROM $9 "
      "AND webhook_secret IS NOT DISTINCT FROM $10 AND previous_webhook_secret IS NOT DISTINCT "
      "FROM $11 AND file_entry IS NOT DISTINCT FROM $12"};
  static const TableSql grants = {
      "grants",
      {{"access_token", true}, {"refresh_token", true}},
      true,
      true,
      true,
      "SELECT link_id AS row_id, project_id, user_id, generation, token_version, access_token, "
      "refresh_token FROM grants WHERE key_epoch = $1 AND link_id > $2::uuid ORDER BY link_id "
      "LIMIT $3",
      "UPDATE grants SET key_epoch = $3, access_token = $6, refresh_token = $7 WHERE link_id = $1 "
      "AND key_epoch = $2 AND generation = $4 AND token_version = $5 AND access_token IS NOT "
      "DISTINCT FROM $8 AND refresh_token IS NOT DISTINCT FROM $9"};
  static const TableSql profiles = {
      "grant_profiles",
      {{"profile", false}, {"link_data_key", false}},
      true,
      false,
      true,
      "SELECT p.link_id AS row_id, g.project_id, g.user_id, p.generation, p.profile, "
      "p.link_data_key FROM grant_profiles p JOIN grants g USING (link_id) WHERE p.key_epoch = $1 "
      "AND p.link_id > $2::uuid ORDER BY p.link_id LIMIT $3",
      "UPDATE grant_profiles SET key_epoch = $3, profile = $5, link_data_key = $6 WHERE link_id = "
      "$1 AND key_epoch = $2 AND generation = $4 AND profile = $7 AND link_data_key = $8"};
  static const TableSql pending_grants = {
      "pending_grants",
      {{"access_token", true}, {"refresh_token", true}, {"profile", false}},
      false,
      true,
      true,
      "SELECT attempt_id AS row_id, project_id, user_id, token_version, access_token, "
      "refresh_token, profile FROM pending_grants WHERE key_epoch = $1 AND attempt_id > $2::uuid "
      "ORDER BY attempt_id LIMIT $3",
      "UPDATE pending_grants SET key_epoch = $3, access_token = $5, refresh_token = $6, profile = "
      "$7 WHERE attempt_id = $1 AND key_epoch = $2 AND token_version = $4 AND access_token = $8 "
      "AND refresh_token = $9 AND profile IS NOT DISTINCT FROM $10"};
  static const TableSql attempts = {
      "attempts",
      {{"code_verifier", false}},
      false,
      false,
      false,
      "SELECT attempt_id AS row_id, project_id, user_id, code_verifier FROM attempts WHERE "
      "key_epoch = $1 AND attempt_id > $2::uuid ORDER BY attempt_id LIMIT $3",
      "UPDATE attempts SET code_verifier = $3 WHERE attempt_id = $1 AND key_epoch = $2 AND "
      "code_verifier = $4"};
  static const TableSql import_keys = {
      "import_keys",
      {{"private_key", false}},
      false,
      false,
      false,
      "SELECT import_key_id AS row_id, project_id, '' AS user_id, private_key FROM import_keys "
      "WHERE key_epoch = $1 AND import_key_id > $2::uuid ORDER BY import_key_id LIMIT $3",
      "UPDATE import_keys SET private_key = $3 WHERE import_key_id = $1 AND key_epoch = $2 AND "
      "private_key = $4"};
  static const TableSql inbox_keys = {
      "inbox_keys",
      {{"data_key", false}},
      false,
      false,
      false,
      "SELECT inbox_key_id AS row_id, '' AS project_id, '' AS user_id, data_key FROM inbox_keys "
      "WHERE key_epoch = $1 AND inbox_key_id > $2::uuid ORDER BY inbox_key_id LIMIT $3",
      "UPDATE inbox_keys SET data_key = $3 WHERE inbox_key_id = $1 AND key_epoch = $2 AND "
      "data_key = $4"};
  switch (table) {
    case SealedTable::kZoomApps:
      return zoom_apps;
    case SealedTable::kGrants:
      return grants;
    case SealedTable::kGrantProfiles:
      return profiles;
    case SealedTable::kPendingGrants:
      return pending_grants;
    case SealedTable::kImportKeys:
      return import_keys;
    case SealedTable::kInboxKeys:
      return inbox_keys;
    case SealedTable::kAttempts:
      break;
  }
  return attempts;
}

SealedRow ReadSealedRow(const TableSql& sql, const Row& row, int32_t key_epoch) {
  SealedRow out;
  out.row_id = row.Text("row_id");
  out.key_epoch = key_epoch;
  if (sql.generation) out.generation = row.Int("generation");
  if (sql.token_version) out.token_version = row.Int("token_version");
  for (const Column& column : sql.columns) {
    SealCoordinates at;
    at.table = sql.name;
    at.field = column.name;
    at.row_id = out.row_id;
    at.project_id = row.Text("project_id");
    at.user_id = row.Text("user_id");
    at.generation = out.generation;
    if (column.with_token_version) at.token_version = out.token_version;
    out.columns.push_back({std::move(at), row.OptionalBytes(column.name)});
  }
  return out;
}

Params ReplaceParams(const TableSql& sql, int32_t key_epoch, const SealedRow& before,
                     const SealedRow& after) {
  Params params;
  params.Text(before.row_id).Int(before.key_epoch);
  if (sql.records_epoch) params.Int(key_epoch);
  if (sql.generation) params.Int(*before.generation);
  if (sql.token_version) params.Int(*before.token_version);
  for (const SealedColumn& column : after.columns) params.BytesOrNull(column.sealed);
  for (const SealedColumn& column : before.columns) params.BytesOrNull(column.sealed);
  return params;
}

absl::StatusOr<int64_t> Count(Session& session, std::string_view sql, int32_t key_epoch) {
  SHODAN_ASSIGN_OR_RETURN(const Result result, session.Execute(sql, Params().Int(key_epoch)));
  return result[0].Int("rows");
}

}  // namespace

absl::StatusOr<int64_t> CountRewrappable(Session& session, int32_t key_epoch) {
  return Count(session,
               "SELECT (SELECT count(*) FROM grants WHERE key_epoch = $1) + (SELECT count(*) FROM "
               "grant_profiles WHERE key_epoch = $1) + (SELECT count(*) FROM pending_grants WHERE "
               "key_epoch = $1) + (SELECT count(*) FROM attempts WHERE key_epoch = $1) + (SELECT "
               "count(*) FROM zoom_apps WHERE key_epoch = $1) + (SELECT count(*) FROM import_keys "
               "WHERE key_epoch = $1) + (SELECT count(*) FROM inbox_keys WHERE key_epoch = $1) AS "
               "rows",
               key_epoch);
}

absl::StatusOr<int64_t> CountSealed(Session& session, int32_t key_epoch) {
  SHODAN_ASSIGN_OR_RETURN(
      const int64_t revocations,
      Count(session, "SELECT count(*) AS rows FROM revocations WHERE key_epoch = $1", key_epoch));
  SHODAN_ASSIGN_OR_RETURN(const int64_t others, CountRewrappable(session, key_epoch));
  return revocations + others;
}

absl::StatusOr<std::vector<SealedRow>> ListSealedRows(postgres::Pool& pool, SealedTable table,
                                                      int32_t key_epoch, const std::string& after,
                                                      int limit, Deadline deadline) {
  constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";
  const TableSql& sql = SqlOf(table);
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool.Execute(sql.list,
                   Params().Int(key_epoch).Text(after.empty() ? kBeforeAll : after).Int(limit),
                   deadline));
  std::vector<SealedRow> rows;
  for (int i = 0; i < result.size(); ++i) {
    rows.push_back(ReadSealedRow(sql, result[i], key_epoch));
  }
  return rows;
}

absl::StatusOr<int> ReplaceSealedRows(postgres::Pool& pool, SealedTable table, int32_t key_epoch,
                                      const std::vector<SealedRow>& before,
                                      const std::vector<SealedRow>& after, Deadline deadline) {
  const TableSql& sql = SqlOf(table);
  int64_t stored = 0;
  SHODAN_RETURN_IF_ERROR(pool.InTransaction(deadline, [&](Session& session) -> absl::Status {
    stored = 0;
    for (size_t i = 0; i < before.size(); ++i) {
      SHODAN_ASSIGN_OR_RETURN(
          const Result updated,
          session.Execute(sql.replace, ReplaceParams(sql, key_epoch, before[i], after[i])));
      stored += updated.affected_rows();
      if (i == 0) CrashPoint("vault.keys.inside_transaction");
    }
    CrashPoint("vault.keys.before_commit");
    return absl::OkStatus();
  }));
  CrashPoint("vault.keys.after_commit");
  return static_cast<int>(stored);
}

}  // namespace shodan::tokenvault
