// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/names.h"

#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "libs/audit/audit.h"
#include "libs/audit/chain_schema.h"
#include "services/token-vault/storage/migrations.h"

namespace shodan::tokenvault {
namespace {

/// The definition of a table in the migration.
std::string_view TableSql(std::string_view table) {
  const std::string_view sql = Migrations().at(0).sql;
  const std::string head = "CREATE TABLE " + std::string(table) + " (";
  const size_t begin = sql.find(head);
  REQUIRE(begin != std::string_view::npos);
  return sql.substr(begin, sql.find("\n);", begin) - begin);
}

std::set<std::string> QuotedIn(std::string_view list) {
  std::set<std::string> values;
  for (size_t open = list.find('\''); open != std::string_view::npos;) {
    const size_t close = list.find('\'', open + 1);
    values.emplace(list.substr(open + 1, close - open - 1));
    open = list.find('\'', close + 1);
  }
  return values;
}

/// The values that a column's CHECK lists.
std::set<std::string> Listed(std::string_view table, const std::string& column) {
  const std::string_view sql = TableSql(table);
  const size_t check = sql.find("CHECK (" + column + " IN (");
  REQUIRE(check != std::string_view::npos);
  return QuotedIn(sql.substr(check, sql.find(')', check) - check));
}

/// The values that the newest definition of a constraint lists.
std::set<std::string> ListedAnew(const std::string& constraint) {
  std::string_view sql;
  for (const auto& migration : Migrations()) {
    const std::string_view text = migration.sql;
    const size_t at = text.find("ADD CONSTRAINT " + constraint);
    if (at != std::string_view::npos) sql = text.substr(at, text.find(';', at) - at);
  }
  return QuotedIn(sql);
}

template <typename Enum>
std::set<std::string> NamesUpTo(Enum last, Enum (*named)(std::string_view)) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const auto value = static_cast<Enum>(i);
    CHECK(named(NameOf(value)) == value);
    names.emplace(NameOf(value));
  }
  CHECK(names.size() == static_cast<size_t>(last) + 1);
  CHECK(named("no such name") == static_cast<Enum>(0));
  return names;
}

TEST_CASE("Every name reads back as its value, and the database accepts exactly these names") {
  CHECK(NamesUpTo(GrantState::kDisconnecting, &GrantStateNamed) == Listed("grants", "state"));
  CHECK(NamesUpTo(GrantCause::kAppReplaced, &GrantCauseNamed) == ListedAnew("grants_cause_check"));
  CHECK(NamesUpTo(AttemptState::kEnded, &AttemptStateNamed) == Listed("attempts", "state"));
  CHECK(NamesUpTo(AttemptResult::kSuperseded, &AttemptResultNamed) == Listed("attempts", "result"));
  CHECK(NamesUpTo(Purpose::kReconnect, &PurposeNamed) == Listed("attempts", "purpose"));
}

TEST_CASE("The audit table is the one that the audit library writes to") {
  CHECK(Migrations().at(0).sql.find(audit::kAuditTableSql) != std::string_view::npos);
  CHECK(Migrations().at(1).sql == audit::kAuditChainSql);
}

}  // namespace
}  // namespace shodan::tokenvault
