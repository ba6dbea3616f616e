// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace shodan::audit {

/// A database with the audit trail and nothing else.
class AuditFixture : public testing::PostgresFixture {
 public:
  AuditFixture() {
    Run(std::string(kAuditTableSql));
    Run(std::string(kAuditChainSql));
  }

  absl::Status AppendInTransaction(const AuditRecord& record) const {
    return NewPool(1)->InTransaction(testing::TestDeadline(), [&](postgres::Session& session) {
      return Append(session, record);
    });
  }
  std::string Count() const { return Query("SELECT count(*)::text AS value FROM audit"); }

  /// "none" when every chain counts from 1 without gaps up to its end and no two records share a
  /// hash.
  std::string BrokenChains() const {
    return Query(
        "SELECT coalesce(string_agg(chain_id, ' '), 'none') AS value FROM (SELECT c.chain_id FROM"
        " audit_chains c LEFT JOIN audit a USING (chain_id) GROUP BY c.chain_id, c.last_position,"
        " c.last_hash HAVING count(a.audit_id) <> c.last_position OR min(a.chain_position) <> 1"
        " OR max(a.chain_position) <> c.last_position OR count(DISTINCT a.hash) <> c.last_position"
        " OR c.last_hash <> (SELECT hash FROM audit l WHERE l.chain_id = c.chain_id AND"
        " l.chain_position = c.last_position)) AS broken");
  }
};

inline AuditRecord Connected() {
  AuditRecord record;
  record.project_id = "demo";
  record.user_id = "hanako";
  record.link_id = "5c5f7d0e-0000-4000-8000-000000000001";
  record.actor = "user:hanako";
  record.caller = "spiffe://shodan.local/ns/shodan/sa/gateway";
  record.request_id = "request-1";
  record.action = "link.connected";
  record.details = {{"generation", int64_t{3}}, {"cause", "it's \"new\"\n"}};
  return record;
}

inline AuditRecord ConnectedAt(const std::string& link_id) {
  AuditRecord record = Connected();
  record.link_id = link_id;
  return record;
}

}  // namespace shodan::audit
