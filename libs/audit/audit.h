// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "libs/postgres/pool.h"

namespace shodan::audit {

/// A variable part of a record: an id, a state, a number. Never a secret, never Zoom's data or
/// error texts, never the text of a note.
using Detail = std::pair<std::string, std::variant<std::string, int64_t>>;

/// One thing that was done to somebody's data.
struct AuditRecord {
  std::string project_id;
  std::string user_id;                 ///< whose data; empty when it concerns the whole project
  std::optional<std::string> link_id;  ///< the link concerned, where there is one
  std::string actor;            ///< who wanted it: "user:<id>", "admin:<id>" or "service:<name>"
  std::string caller;           ///< SPIFFE id of the service that asked, or of this one
  std::string request_id;       ///< of the gateway's request, or of the background run
  std::string action;           ///< what was done: lower case, dotted, past tense: "link.connected"
  std::vector<Detail> details;  ///< keys are lowerCamelCase and differ from each other
};

/// The table as a service's first migration makes it; its second is kAuditChainSql (chain_schema.h)
/// and adds the chains. A test of each service compares its migrations with these texts. Names are
/// not qualified: they belong into the service's schema.
inline constexpr std::string_view kAuditTableSql = R"sql(CREATE TABLE audit (
  audit_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT now(),
  project_id  text NOT NULL,
  user_id     text NOT NULL,
  link_id     text,
  actor       text NOT NULL,
  caller      text NOT NULL,
  request_id  text NOT NULL,
  action      text NOT NULL CHECK (action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  details     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object')
);
CREATE INDEX audit_by_user ON audit (project_id, user_id, audit_id);
)sql";

/// Writes one record in the transaction of the change it tells of, so that neither exists without
/// the other. One statement; the database gives the record its place in the chain of its link (of
/// its user, of its project) and keeps that chain, and no other, locked until the transaction ends.
/// Errors are the session's; the caller returns them, which rolls the change back.
absl::Status Append(postgres::Session& session, const AuditRecord& record);

/// The same for many records in one statement. It locks their chains in the order of the records:
/// sort them by chain where another transaction may append to the same chains.
absl::Status AppendAll(postgres::Session& session, const std::vector<AuditRecord>& records);

}  // namespace shodan::audit
