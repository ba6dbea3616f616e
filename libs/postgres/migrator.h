// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/postgres/pool.h"

namespace shodan::postgres {

/// One step of a database's schema; `version` counts from 1 without gaps, `sql` may hold several
/// statements.
struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
};

/// Applies the missing migrations in order, each in a transaction together with its row in
/// schema_migrations, under an advisory lock, so replicas may call it at the same time.
/// FAILED_PRECONDITION/SCHEMA_CHANGED when an applied migration's text differs from ours (by
/// SHA-256), /SCHEMA_NEWER when the database is ahead of this program.
absl::Status Migrate(const ConnectionSettings& settings, const std::vector<Migration>& migrations,
                     Deadline deadline);

/// OK when the database is at exactly this program's version: FAILED_PRECONDITION/SCHEMA_OUTDATED
/// or /SCHEMA_NEWER otherwise.
absl::Status CheckSchema(Pool& pool, const std::vector<Migration>& migrations, Deadline deadline);

}  // namespace shodan::postgres
