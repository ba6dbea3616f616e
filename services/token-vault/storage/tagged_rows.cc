// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/tagged_rows.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";

TaggedRow ReadRow(const Row& row, int32_t current) {
  TaggedRow out;
  out.row_id = row.Text("row_id");
  out.project_id = row.Text("project_id");
  out.user_id = row.Text("user_id");
  out.zoom_app_id = row.Text("zoom_app_id");
  out.generation = row.Int("generation");
  out.sealed_profile = row.OptionalBytes("profile");
  out.identity_tag = row.Bytes("identity_tag");
  out.tag_version = current;
  return out;
}

// One table's rows; the same tags, without those of the former version.
absl::StatusOr<int64_t> SettleTable(postgres::Pool& pool, std::string_view sql, int64_t limit,
                                    Deadline deadline) {
  if (limit == 0) return 0;
  SHODAN_ASSIGN_OR_RETURN(const Result settled, pool.Execute(sql, Params().Int(limit), deadline));
  return settled.affected_rows();
}

}  // namespace

absl::StatusOr<int64_t> CountWithoutNext(Session& session, int32_t current) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute(
          "SELECT (SELECT count(*) FROM grants WHERE identity_tag IS NOT NULL AND "
          "identity_tag_next IS NULL AND tag_version = $1) + (SELECT count(*) FROM pending_grants "
          "WHERE identity_tag IS NOT NULL AND identity_tag_next IS NULL AND tag_version = $1) + "
          "(SELECT count(*) FROM revocations r WHERE r.identity_tag IS NOT NULL AND "
          "r.identity_tag_next IS NULL AND r.tag_version = $1 AND (r.wiped_at IS NULL OR EXISTS "
          "(SELECT 1 FROM pending_grants p WHERE p.sent_at <= r.wiped_at) OR EXISTS (SELECT 1 FROM "
          "attempts a WHERE a.state = 'exchanging' AND a.exchanging_at <= r.wiped_at))) AS rows",
          Params().Int(current)));
  return result[0].Int("rows");
}

absl::Status ForgetOldRevocations(Session& session, int32_t current) {
  return session
      .Execute(
          "UPDATE revocations SET identity_tag = NULL, tag_version = NULL WHERE identity_tag "
          "IS NOT NULL AND identity_tag_next IS NULL AND tag_version = $1",
          Params().Int(current))
      .status();
}

absl::StatusOr<int64_t> CountTagged(Session& session, int32_t tag_version) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute("SELECT (SELECT count(*) FROM grants WHERE tag_version = $1) + (SELECT "
                      "count(*) FROM pending_grants WHERE tag_version = $1) + (SELECT count(*) "
                      "FROM revocations WHERE tag_version = $1) AS rows",
                      Params().Int(tag_version)));
  return result[0].Int("rows");
}

absl::StatusOr<std::vector<TaggedRow>> ListRowsWithoutNext(postgres::Pool& pool, TaggedTable table,
                                                           int32_t current,
                                                           const std::string& after, int limit,
                                                           Deadline deadline) {
  constexpr std::string_view kGrants =
      "SELECT g.link_id AS row_id, g.project_id, g.user_id, g.zoom_app_id, g.generation, "
      "p.profile, g.identity_tag FROM grants g LEFT JOIN grant_profiles p ON p.link_id = "
      "g.link_id AND p.generation = g.generation WHERE g.identity_tag IS NOT NULL AND "
      "g.identity_tag_next IS NULL AND g.tag_version = $1 AND g.link_id > $2::uuid ORDER BY "
      "g.link_id LIMIT $3";
  constexpr std::string_view kPendingGrants =
      "SELECT attempt_id AS row_id, project_id, user_id, zoom_app_id, 0::bigint AS generation, "
      "profile, identity_tag FROM pending_grants WHERE identity_tag IS NOT NULL AND "
      "identity_tag_next IS NULL AND tag_version = $1 AND attempt_id > $2::uuid ORDER BY "
      "attempt_id LIMIT $3";
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool.Execute(table == TaggedTable::kGrants ? kGrants : kPendingGrants,
                   Params().Int(current).Text(after.empty() ? kBeforeAll : after).Int(limit),
                   deadline));
  std::vector<TaggedRow> rows;
  rows.reserve(static_cast<size_t>(result.size()));
  for (int i = 0; i < result.size(); ++i) rows.push_back(ReadRow(result[i], current));
  return rows;
}

absl::StatusOr<int> StoreNextTags(postgres::Pool& pool, TaggedTable table,
                                  const std::vector<TaggedRow>& rows,
                                  const std::vector<IdentityTags>& tags, Deadline deadline) {
  // A row whose tag is still this one was never under another version: the next tags fit it.
  constexpr std::string_view kGrants =
      "UPDATE grants SET identity_tag_next = $3, account_tag_next = $4 WHERE link_id = $1 AND "
      "identity_tag = $2 AND identity_tag_next IS NULL AND generation = $5";
  constexpr std::string_view kPendingGrants =
      "UPDATE pending_grants SET identity_tag_next = $3, account_tag_next = $4 WHERE attempt_id = "
      "$1 AND identity_tag = $2 AND identity_tag_next IS NULL";
  int64_t stored = 0;
  SHODAN_RETURN_IF_ERROR(pool.InTransaction(deadline, [&](Session& session) -> absl::Status {
    stored = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      Params params;
      params.Text(rows[i].row_id)
          .Bytes(rows[i].identity_tag)
          .BytesOrNull(tags[i].identity_next)
          .BytesOrNull(tags[i].account_next);
      if (table == TaggedTable::kGrants) params.Int(rows[i].generation);
      SHODAN_ASSIGN_OR_RETURN(
          const Result updated,
          session.Execute(table == TaggedTable::kGrants ? kGrants : kPendingGrants, params));
      stored += updated.affected_rows();
      if (i == 0) CrashPoint("vault.keys.tags.inside_transaction");
    }
    CrashPoint("vault.keys.tags.before_commit");
    return absl::OkStatus();
  }));
  CrashPoint("vault.keys.tags.after_commit");
  return static_cast<int>(stored);
}

absl::StatusOr<int> SettleTags(postgres::Pool& pool, int limit, Deadline deadline) {
  constexpr std::string_view kGrants =
      "UPDATE grants SET identity_tag = identity_tag_next, account_tag = account_tag_next, "
      "identity_tag_next = NULL, account_tag_next = NULL, tag_version = present.tag_version FROM "
      "tag_versions present WHERE present.state = 'current' AND link_id IN (SELECT g.link_id FROM "
      "grants g JOIN tag_versions v ON v.tag_version = g.tag_version AND v.state = 'former' WHERE "
      "g.identity_tag_next IS NOT NULL ORDER BY g.link_id LIMIT $1 FOR UPDATE OF g SKIP LOCKED)";
  constexpr std::string_view kPendingGrants =
      "UPDATE pending_grants SET identity_tag = identity_tag_next, account_tag = account_tag_next, "
      "identity_tag_next = NULL, account_tag_next = NULL, tag_version = present.tag_version FROM "
      "tag_versions present WHERE present.state = 'current' AND attempt_id IN (SELECT "
      "g.attempt_id FROM pending_grants g JOIN tag_versions v ON v.tag_version = g.tag_version AND "
      "v.state = 'former' WHERE g.identity_tag_next IS NOT NULL ORDER BY g.attempt_id LIMIT $1 FOR "
      "UPDATE OF g SKIP LOCKED)";
  constexpr std::string_view kRevocations =
      "UPDATE revocations SET identity_tag = identity_tag_next, identity_tag_next = NULL, "
      "tag_version = present.tag_version FROM tag_versions present WHERE present.state = 'current' "
      "AND revocation_id IN (SELECT g.revocation_id FROM revocations g JOIN tag_versions v ON "
      "v.tag_version = g.tag_version AND v.state = 'former' WHERE g.identity_tag_next IS NOT NULL "
      "ORDER BY g.revocation_id LIMIT $1 FOR UPDATE OF g SKIP LOCKED)";
  int64_t settled = 0;
  for (const std::string_view sql : {kGrants, kPendingGrants, kRevocations}) {
    SHODAN_ASSIGN_OR_RETURN(const int64_t rows, SettleTable(pool, sql, limit - settled, deadline));
    settled += rows;
    if (settled > 0) CrashPoint("vault.keys.tags.after_settling");
  }
  return static_cast<int>(settled);
}

}  // namespace shodan::tokenvault
