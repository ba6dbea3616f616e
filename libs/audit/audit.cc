// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/audit.h"

#include <boost/json.hpp>

namespace shodan::audit {
namespace {

namespace json = boost::json;

constexpr std::string_view kInsert =
    "INSERT INTO audit"
    " (project_id, user_id, link_id, actor, caller, request_id, action, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kInsertAll =
    "INSERT INTO audit"
    " (project_id, user_id, link_id, actor, caller, request_id, action, details)"
    " SELECT project_id, user_id, link_id, actor, caller, request_id, action, details"
    " FROM jsonb_to_recordset($1::jsonb) AS record (n bigint, project_id text, user_id text,"
    " link_id text, actor text, caller text, request_id text, action text, details jsonb)"
    " ORDER BY n";

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

json::object ToJson(const std::vector<Detail>& details) {
  json::object object;
  for (const auto& [key, value] : details) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      object.emplace(key, Text(*text));
    } else {
      object.emplace(key, std::get<int64_t>(value));
    }
  }
  return object;
}

json::object ToJson(int64_t n, const AuditRecord& record) {
  json::object object;
  object["n"] = n;
  object["project_id"] = Text(record.project_id);
  object["user_id"] = Text(record.user_id);
  if (record.link_id.has_value()) object["link_id"] = Text(*record.link_id);
  object["actor"] = Text(record.actor);
  object["caller"] = Text(record.caller);
  object["request_id"] = Text(record.request_id);
  object["action"] = Text(record.action);
  object["details"] = ToJson(record.details);
  return object;
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
                                      .Text(json::serialize(ToJson(record.details)));
  return session.Execute(kInsert, params).status();
}

absl::Status AppendAll(postgres::Session& session, const std::vector<AuditRecord>& records) {
  json::array rows;
  for (const AuditRecord& record : records) {
    rows.push_back(ToJson(static_cast<int64_t>(rows.size()), record));
  }
  return session.Execute(kInsertAll, postgres::Params().Text(json::serialize(rows))).status();
}

}  // namespace shodan::audit
