// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_api_key_store.h"

#include <algorithm>
#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/account-link/domain/errors.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;

// A previous hash counts while it is accepted.
constexpr std::string_view kColumns =
    "key_id, project_id, name, array_to_string(scopes, ' ') AS scopes, hash, created_at, "
    "rotated_at,"
    " expires_at, last_used_at,"
    " CASE WHEN previous_expires_at > now() THEN previous_hash END AS previous_hash,"
    " CASE WHEN previous_expires_at > now() THEN previous_expires_at END AS previous_expires_at";

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(' ', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::string Spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += Join(text.empty() ? "" : " ", word);
  return text;
}

ApiKey ReadApiKey(const Row& row) {
  ApiKey api_key;
  api_key.project_id = row.Text("project_id");
  api_key.api_key_id = row.Text("key_id");
  api_key.name = row.Text("name");
  api_key.scopes = Split(row.Text("scopes"));
  api_key.create_time = row.Timestamp("created_at");
  api_key.rotate_time = row.Timestamp("rotated_at");
  api_key.expire_time = row.OptionalTimestamp("expires_at");
  api_key.last_use_time = row.OptionalTimestamp("last_used_at");
  api_key.previous_expire_time = row.OptionalTimestamp("previous_expires_at");
  return api_key;
}

Params NameParams(const std::string& project_id, const std::string& api_key_id) {
  Params params;
  params.Text(project_id).Text(api_key_id);
  return params;
}

absl::Status WriteAudit(postgres::Session& session, const std::string& project_id,
                        const Actor& actor, std::string action,
                        std::vector<audit::Detail> details) {
  audit::AuditRecord record;
  record.project_id = project_id;
  record.actor = actor.name;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = std::move(action);
  record.details = std::move(details);
  return audit::Append(session, record);
}

// Locks the project's row, so that two new keys cannot both be the last one allowed.
absl::Status CheckRoom(postgres::Session& session, const std::string& project_id, size_t keys_max) {
  Params project;
  project.Text(project_id);
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute("SELECT 1 AS present FROM projects WHERE project_id = $1 FOR UPDATE",
                      project));
  if (found.empty()) return ProjectNotFound();
  SHODAN_ASSIGN_OR_RETURN(
      const Result counted,
      session.Execute("SELECT count(*) AS keys FROM api_keys WHERE project_id = $1", project));
  return counted[0].Int("keys") < static_cast<int64_t>(keys_max) ? absl::OkStatus()
                                                                 : TooManyApiKeys();
}

absl::Status CheckExpiry(postgres::Session& session, const std::optional<Time>& expiry,
                         std::chrono::seconds lifetime_max) {
  if (!expiry.has_value()) return absl::OkStatus();
  Params params;
  params.TimeOrNull(expiry).Interval(lifetime_max);
  SHODAN_ASSIGN_OR_RETURN(
      const Result checked,
      session.Execute("SELECT $1::timestamptz > now() AND $1::timestamptz <= now() + $2::interval"
                      " AS fits",
                      params));
  if (checked[0].Bool("fits")) return absl::OkStatus();
  return InvalidField("expireTime", "OUT_OF_RANGE", "must lie ahead, by at most 3650 days");
}

}  // namespace

absl::StatusOr<ApiKey> PostgresApiKeyStore::Insert(const ApiKeyContent& content,
                                                   const std::string& api_key_id,
                                                   const std::string& hash, size_t keys_max,
                                                   std::chrono::seconds lifetime_max,
                                                   const Actor& actor, Deadline deadline) {
  static const std::string sql = Join(
      "INSERT INTO api_keys (project_id, key_id, name, scopes, hash, expires_at) VALUES ($1,"
      " $2::uuid, $3, string_to_array($4, ' '), $5, $6::timestamptz) RETURNING ",
      kColumns);
  ApiKey made;
  SHODAN_RETURN_IF_ERROR(
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        SHODAN_RETURN_IF_ERROR(CheckRoom(session, content.project_id, keys_max));
        SHODAN_RETURN_IF_ERROR(CheckExpiry(session, content.expire_time, lifetime_max));
        Params params = NameParams(content.project_id, api_key_id);
        params.Text(content.name)
            .Text(Spaced(content.scopes))
            .Bytes(hash)
            .TimeOrNull(content.expire_time);
        SHODAN_ASSIGN_OR_RETURN(const Result inserted, session.Execute(sql, params));
        made = ReadApiKey(inserted[0]);
        return WriteAudit(session, content.project_id, actor, "api_key.created",
                          {{"apiKeyId", api_key_id}, {"scopes", Spaced(content.scopes)}});
      }));
  return made;
}

absl::StatusOr<std::vector<ApiKey>> PostgresApiKeyStore::List(const std::string& project_id,
                                                              const PageQuery& query,
                                                              Deadline deadline) {
  static const std::string sql = Join(
      "SELECT ", kColumns,
      " FROM api_keys WHERE project_id = $1 AND (created_at, key_id) <"
      " (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid,"
      " 'ffffffff-ffff-ffff-ffff-ffffffffffff')) ORDER BY created_at DESC, key_id DESC LIMIT $2");
  Params params;
  params.Text(project_id).Int(query.size + 1);
  if (query.after.has_value()) {
    params.TimeOrNull(query.after->create_time).Text(query.after->id);
  } else {
    params.Null().Null();
  }
  SHODAN_ASSIGN_OR_RETURN(const Result found, pool_.Execute(sql, params, deadline));
  std::vector<ApiKey> api_keys;
  for (int row = 0; row < found.size(); ++row) api_keys.push_back(ReadApiKey(found[row]));
  return api_keys;
}

absl::StatusOr<ApiKey> PostgresApiKeyStore::Rotate(const std::string& project_id,
                                                   const std::string& api_key_id,
                                                   const std::string& hash,
                                                   std::chrono::seconds overlap, const Actor& actor,
                                                   Deadline deadline) {
  static const std::string find = Join(
      "SELECT ", kColumns, " FROM api_keys WHERE project_id = $1 AND key_id = $2::uuid FOR UPDATE");
  static const std::string update = Join(
      "UPDATE api_keys SET hash = $3, rotated_at = now(),"
      " previous_hash = CASE WHEN $4::interval > interval '0' THEN hash END,"
      " previous_expires_at = CASE WHEN $4::interval > interval '0' THEN now() + $4::interval END"
      " WHERE project_id = $1 AND key_id = $2::uuid RETURNING ",
      kColumns);
  ApiKey rotated;
  SHODAN_RETURN_IF_ERROR(
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        Params params = NameParams(project_id, api_key_id);
        SHODAN_ASSIGN_OR_RETURN(const Result found, session.Execute(find, params));
        if (found.empty()) return ApiKeyNotFound();
        if (overlap.count() > 0 && !found[0].IsNull("previous_hash")) return ApiKeyRotating();
        params.Bytes(hash).Interval(overlap);
        SHODAN_ASSIGN_OR_RETURN(const Result updated, session.Execute(update, params));
        rotated = ReadApiKey(updated[0]);
        return WriteAudit(session, project_id, actor, "api_key.rotated",
                          {{"apiKeyId", api_key_id}, {"overlapSeconds", overlap.count()}});
      }));
  return rotated;
}

absl::Status PostgresApiKeyStore::Delete(const std::string& project_id,
                                         const std::string& api_key_id, const Actor& actor,
                                         Deadline deadline) {
  return pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(
        const Result deleted,
        session.Execute("DELETE FROM api_keys WHERE project_id = $1 AND key_id = $2::uuid"
                        " RETURNING key_id",
                        NameParams(project_id, api_key_id)));
    if (deleted.empty()) return ApiKeyNotFound();
    return WriteAudit(session, project_id, actor, "api_key.deleted", {{"apiKeyId", api_key_id}});
  });
}

absl::StatusOr<std::optional<StoredApiKey>> PostgresApiKeyStore::Find(const std::string& api_key_id,
                                                                      Deadline deadline) {
  static const std::string sql =
      Join("SELECT ", kColumns,
           ", coalesce(last_used_at < date_trunc('hour', now()), true) AS touch_due"
           " FROM api_keys WHERE key_id = $1::uuid AND (expires_at IS NULL OR expires_at > now())"
           " AND EXISTS (SELECT 1 FROM projects WHERE projects.project_id = api_keys.project_id)");
  Params params;
  params.Text(api_key_id);
  SHODAN_ASSIGN_OR_RETURN(const Result found, pool_.Execute(sql, params, deadline));
  if (found.empty()) return std::optional<StoredApiKey>();
  return std::optional<StoredApiKey>(StoredApiKey{ReadApiKey(found[0]), found[0].Bytes("hash"),
                                                  found[0].OptionalBytes("previous_hash"),
                                                  found[0].Bool("touch_due")});
}

absl::Status PostgresApiKeyStore::Touch(const std::string& api_key_id, Deadline deadline) {
  Params params;
  params.Text(api_key_id);
  return pool_
      .Execute(
          "UPDATE api_keys SET last_used_at = date_trunc('hour', now()) WHERE key_id = $1::uuid"
          " AND (last_used_at IS NULL OR last_used_at < date_trunc('hour', now()))",
          params, deadline)
      .status();
}

}  // namespace shodan::account_link
