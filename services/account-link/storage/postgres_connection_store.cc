// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_connection_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/storage/link_rows.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;

// A link that has a name is not known by its id any more. Written so that the indexes of names, of
// link ids and of connected links serve it.
constexpr std::string_view kNamed =
    " AND (external_id = $4 OR (external_id IS NULL AND link_id = $5::uuid))";
constexpr std::string_view kConnected = " AND state <> 'none' AND state <> 'disconnecting'";

std::string ListSql(std::string_view filter) {
  return Join("SELECT ", kLinkColumns,
              ", coalesce(external_id, link_id::text) AS connection_id,"
              " coalesce(metadata, '{}')::text AS metadata FROM links WHERE project_id = $1",
              filter, kConnected, " ORDER BY user_id OFFSET $2 LIMIT $3");
}

const std::string& ListSqlOf(const ConnectionQuery& query) {
  static const std::string all = ListSql("");
  static const std::string of_user = ListSql(" AND user_id = $4");
  static const std::string named = ListSql(kNamed);
  static const std::string named_of_user = ListSql(Join(kNamed, " AND user_id = $6"));
  if (query.connection_id.empty()) return query.user_id.empty() ? all : of_user;
  return query.user_id.empty() ? named : named_of_user;
}

void AddName(const std::string& connection_id, Params& params) {
  params.Text(connection_id).TextOrNullIfEmpty(IsUuid(connection_id) ? connection_id : "");
}

absl::StatusOr<Connection> ReadConnection(const Row& row) {
  Connection connection;
  SHODAN_ASSIGN_OR_RETURN(connection.link, ReadLink(row));
  connection.connection_id = row.Text("connection_id");
  connection.metadata = row.Text("metadata");
  return connection;
}

absl::Status ChangeOne(postgres::Session& session, const MetadataChange& change,
                       const std::string& connection_id, size_t bytes_max, const Actor& actor) {
  static const std::string sql = Join(
      "UPDATE links SET metadata = CASE WHEN $3 THEN coalesce(metadata, '{}') || $2::jsonb ELSE"
      " $2::jsonb END WHERE project_id = $1",
      kNamed, kConnected, " RETURNING user_id, link_id, octet_length(metadata::text) AS bytes");
  Params params;
  params.Text(change.project_id).Text(change.metadata).Bool(change.merge);
  AddName(connection_id, params);
  SHODAN_ASSIGN_OR_RETURN(const Result changed, session.Execute(sql, params));
  if (changed.empty()) return ConnectionNotFound();
  if (changed[0].Int("bytes") > static_cast<int64_t>(bytes_max)) {
    return InvalidField("metadata", "TOO_LONG", "must have at most 32 KiB, merged and written out");
  }
  audit::AuditRecord record;
  record.project_id = change.project_id;
  record.user_id = changed[0].Text("user_id");
  record.link_id = changed[0].Text("link_id");
  record.actor = actor.name;
  record.caller = actor.caller;
  record.request_id = actor.request_id;
  record.action = change.merge ? "link.metadata_merged" : "link.metadata_replaced";
  return audit::Append(session, record);
}

}  // namespace

absl::StatusOr<std::vector<Connection>> PostgresConnectionStore::List(const ConnectionQuery& query,
                                                                      Deadline deadline) {
  Params params;
  params.Text(query.project_id).Int(query.skip).Int(query.size);
  if (!query.connection_id.empty()) AddName(query.connection_id, params);
  if (!query.user_id.empty()) params.Text(query.user_id);
  SHODAN_ASSIGN_OR_RETURN(const Result found, pool_.Execute(ListSqlOf(query), params, deadline));
  std::vector<Connection> connections;
  for (int row = 0; row < found.size(); ++row) {
    SHODAN_ASSIGN_OR_RETURN(Connection connection, ReadConnection(found[row]));
    connections.push_back(std::move(connection));
  }
  return connections;
}

absl::Status PostgresConnectionStore::ChangeMetadata(const MetadataChange& change, size_t bytes_max,
                                                     const Actor& actor, Deadline deadline) {
  // In one order, so that two changes of the same connections do not lock each other out.
  std::vector<std::string> ids = change.connection_ids;
  std::sort(ids.begin(), ids.end());
  return pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
    for (const std::string& id : ids) {
      SHODAN_RETURN_IF_ERROR(ChangeOne(session, change, id, bytes_max, actor));
    }
    return absl::OkStatus();
  });
}

}  // namespace shodan::account_link
