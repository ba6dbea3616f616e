// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/connection.h"

#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

absl::StatusOr<Connection> Connections::Get(const std::string& project_id,
                                            const std::string& connection_id,
                                            const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(project_id);
  if (connection_id.empty()) check.Add("connectionId", "REQUIRED", "must not be empty");
  check.OptionalText("connectionId", connection_id, kMaxIdBytes);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  ConnectionQuery query;
  query.project_id = project_id;
  query.connection_id = connection_id;
  query.size = 1;
  SHODAN_ASSIGN_OR_RETURN(std::vector<Connection> found, store_.List(query, scope.deadline));
  if (found.empty()) return ConnectionNotFound();
  return std::move(found.front());
}

absl::StatusOr<std::vector<Connection>> Connections::List(ConnectionQuery query,
                                                          const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(query.project_id);
  check.OptionalText("connectionId", query.connection_id, kMaxIdBytes);
  check.OptionalText("userId", query.user_id, kMaxIdBytes);
  if (query.size < 0 || query.size > kMaxConnectionPageSize) {
    check.Add("pageSize", "OUT_OF_RANGE", "must be 1 to 1000, or 0 for 100");
  }
  if (query.skip < 0 || query.skip > kMaxSkippedConnections) {
    check.Add("skip", "OUT_OF_RANGE", "must be 0 to 100000");
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  if (query.size == 0) query.size = kDefaultConnectionPageSize;
  return store_.List(query, scope.deadline);
}

absl::Status Connections::ChangeMetadata(const MetadataChange& change, const CallScope& scope) {
  RequestCheck check;
  check.ProjectId(change.project_id);
  if (change.connection_ids.empty() || change.connection_ids.size() > kMaxConnectionIds) {
    check.Add("connectionIds", "OUT_OF_RANGE", "must name 1 to 100 connections");
  } else {
    std::set<std::string> seen;
    for (size_t i = 0; i < change.connection_ids.size(); ++i) {
      const std::string field = Join("connectionIds[", std::to_string(i), "]");
      const std::string& id = change.connection_ids[i];
      if (id.empty()) check.Add(field, "REQUIRED", "must not be empty");
      check.OptionalText(field, id, kMaxIdBytes);
      if (!seen.insert(id).second) check.Add(field, "NOT_ALLOWED", "occurs more than once");
    }
  }
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return store_.ChangeMetadata(change, kMaxWrittenMetadataBytes, scope.actor, scope.deadline);
}

}  // namespace shodan::account_link
