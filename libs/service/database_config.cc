// SPDX-License-Identifier: Apache-2.0
#include "libs/service/database_config.h"

#include <chrono>
#include <string>
#include <utility>

#include "libs/base/strings.h"
#include "libs/service/common_config.h"

namespace shodan::service {
namespace {

constexpr int kPortMax = 65'535;
constexpr int kPortDefault = 5432;
constexpr int kConnectionsMax = 64;
constexpr int kConnectionsDefault = 8;
constexpr std::chrono::minutes kMigrationTime{1};

bool IsSocketDirectory(const std::string& host) { return host.starts_with('/'); }
bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

}  // namespace

DatabaseConfig ReadDatabaseConfig(ConfigReader& reader, std::string_view service_name,
                                  bool development) {
  ConfigReader database = reader.Object("database");
  DatabaseConfig config;
  postgres::ConnectionSettings& settings = config.service;
  settings.host = database.String("host");
  settings.port = static_cast<int>(database.Integer("port", 1, kPortMax, kPortDefault));
  settings.database = database.String("name");
  settings.user = database.String("user");
  const bool socket = IsSocketDirectory(settings.host);
  settings.password = database.SecretFile("password_file", /*optional=*/socket);
  settings.sslmode = database.Choice("sslmode", {"disable", "require", "verify-full"},
                                     socket ? "disable" : "verify-full");
  settings.ca_file = database.String("ca_file", "");
  settings.max_connections = static_cast<int>(
      database.Integer("max_connections", 1, kConnectionsMax, kConnectionsDefault));
  settings.application_name = std::string(service_name);
  if (settings.sslmode == "verify-full" && settings.ca_file.empty()) {
    database.AddProblem("ca_file", "is needed with sslmode \"verify-full\"");
  }
  if (!development && settings.sslmode != "verify-full" && !socket && !IsLoopback(settings.host)) {
    database.AddProblem("sslmode",
                        "must be \"verify-full\" in production, unless the database is "
                        "on this machine");
  }
  if (const auto owner_user = database.OptionalString("owner_user"); owner_user.has_value()) {
    config.owner = CloneSettings(settings);
    config.owner->user = *owner_user;
    config.owner->password = database.SecretFile("owner_password_file", /*optional=*/socket);
  }
  return config;
}

boost::json::object DescribeDatabaseConfig(const DatabaseConfig& config) {
  const postgres::ConnectionSettings& settings = config.service;
  boost::json::object database{
      {"host", Text(settings.host)},       {"port", settings.port},
      {"name", Text(settings.database)},   {"user", Text(settings.user)},
      {"password_file", Text(kRedacted)},  {"sslmode", Text(settings.sslmode)},
      {"ca_file", Text(settings.ca_file)}, {"max_connections", settings.max_connections}};
  if (config.owner.has_value()) {
    database["owner_user"] = Text(config.owner->user);
    database["owner_password_file"] = Text(kRedacted);
  }
  return {{"database", std::move(database)}};
}

postgres::ConnectionSettings CloneSettings(const postgres::ConnectionSettings& settings) {
  postgres::ConnectionSettings copy;
  copy.host = settings.host;
  copy.port = settings.port;
  copy.database = settings.database;
  copy.user = settings.user;
  copy.password = settings.password.Clone();
  copy.sslmode = settings.sslmode;
  copy.ca_file = settings.ca_file;
  copy.max_connections = settings.max_connections;
  copy.application_name = settings.application_name;
  return copy;
}

absl::Status MigrateDatabase(const DatabaseConfig& config,
                             const std::vector<postgres::Migration>& migrations) {
  const postgres::ConnectionSettings& owner =
      config.owner.has_value() ? *config.owner : config.service;
  return postgres::Migrate(owner, migrations, Deadline::After(kMigrationTime));
}

}  // namespace shodan::service
