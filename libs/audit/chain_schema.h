// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace shodan::audit {

/// The text of chain_schema.sql, which makes the table of kAuditTableSql tamper-evident: chains,
/// seals, and triggers that chain each new record and refuse to change an old one. Every service
/// takes that file for its second migration, so it never changes; a later change is a migration of
/// its own. deploy/local/audit-chain.mjs checks what it leads to, without relying on anything in
/// the database.
extern const std::string_view kAuditChainSql;

}  // namespace shodan::audit
