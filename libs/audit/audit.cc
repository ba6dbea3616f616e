// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/audit.h"

#include <boost/json.hpp>

namespace shodan::audit {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO audit"
    " (project_id, user_id, link_id, actor, caller, request_id, action, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

std::string ToJson(const std::vector<Detail>& details) {
  boost::json::object object;
  for (const auto& [key, value] : details) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      object.emplace(key, *text);
    } else {
      object.emplace(key, std::get<int64_t>(value));
    }
  }
  return boost::json::serialize(object);
}

}  // namespace

absl::Status Append(postgres::Session& session, const AuditRecord& record) {
  const postgres::Params params = postgres::Params()
                                      .Text(record.project_id)
                                      .Text(record.user_id)
                                      .TextOrNull(record.link_id)
                                      .Text(record.actor)
                                      .Text(record.caller)
                                      .Text(record.request_id)
                                      .Text(record.action)
                                      .Text(ToJson(record.details));
  return session.Execute(kInsert, params).status();
}

}  // namespace shodan::audit
