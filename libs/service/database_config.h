// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "absl/status/status.h"
#include "libs/config/config_reader.h"
#include "libs/postgres/migrator.h"
#include "libs/postgres/pool.h"

namespace shodan::service {

/// A service's own database: the role it works as, and the role that owns the schema.
struct DatabaseConfig {
  postgres::ConnectionSettings service;
  /// For --migrate; absent when the working role owns the schema itself.
  std::optional<postgres::ConnectionSettings> owner;
};

/// Reads "database". `service_name` becomes the application_name of the connections. sslmode
/// defaults to verify-full, or to disable for a socket directory; production refuses less than
/// verify-full unless the host is a socket directory or loopback.
DatabaseConfig ReadDatabaseConfig(ConfigReader& reader, std::string_view service_name,
                                  bool development);

/// The effective values, under the keys they were read from; passwords redacted.
boost::json::object DescribeDatabaseConfig(const DatabaseConfig& config);

/// A copy with a copy of the password; for a second pool on the same database.
postgres::ConnectionSettings CloneSettings(const postgres::ConnectionSettings& settings);

/// What --migrate does: applies the missing migrations as the owner, within a minute.
absl::Status MigrateDatabase(const DatabaseConfig& config,
                             const std::vector<postgres::Migration>& migrations);

}  // namespace shodan::service
