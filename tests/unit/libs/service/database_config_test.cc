// SPDX-License-Identifier: Apache-2.0
#include "libs/service/database_config.h"

#include <string>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::service {
namespace {

using testing::IsOk;
using testing::TemporaryDirectory;

std::pair<DatabaseConfig, std::vector<std::string>> ReadText(const std::string& members,
                                                             bool development = false) {
  absl::StatusOr<ConfigReader> reader =
      ConfigReader::FromText(R"({"database":{"name":"vault","user":"vault",)" + members + "}}");
  REQUIRE_THAT(reader, IsOk());
  DatabaseConfig config = ReadDatabaseConfig(*reader, "token-vault", development);
  std::vector<std::string> fields;
  for (const FieldViolation& field : FieldsOf(reader->Finish())) fields.push_back(field.field);
  return {std::move(config), std::move(fields)};
}

TEST_CASE("A socket directory needs neither password nor TLS") {
  const auto [config, problems] = ReadText(R"("host":"/run/postgresql")");

  CHECK(problems.empty());
  CHECK(config.service.host == "/run/postgresql");
  CHECK(config.service.port == 5432);
  CHECK(config.service.database == "vault");
  CHECK(config.service.user == "vault");
  CHECK(config.service.sslmode == "disable");
  CHECK(config.service.max_connections == 8);
  CHECK(config.service.application_name == "token-vault");
  CHECK_FALSE(config.owner.has_value());
}

TEST_CASE("Over the network the certificate is verified unless the configuration says otherwise") {
  const TemporaryDirectory directory;
  const std::string password = R"(,"password_file":")" + directory.Write("pw", "secret") + "\"";

  const auto [config, problems] = ReadText(R"("host":"db.example","ca_file":"/ca.pem")" + password);
  const auto [without_ca, missing_ca] = ReadText(R"("host":"db.example")" + password);

  CHECK(problems.empty());
  CHECK(config.service.sslmode == "verify-full");
  CHECK(missing_ca == std::vector<std::string>{"database.ca_file"});
}

TEST_CASE("Production accepts less than verify-full only on this machine") {
  const TemporaryDirectory directory;
  const std::string rest =
      R"(,"sslmode":"disable","password_file":")" + directory.Write("pw", "secret") + "\"";

  CHECK(ReadText(R"("host":"127.0.0.1")" + rest).second.empty());
  CHECK(ReadText(R"("host":"db.example")" + rest, /*development=*/true).second.empty());
  CHECK(ReadText(R"("host":"db.example")" + rest).second ==
        std::vector<std::string>{"database.sslmode"});
}

TEST_CASE("The owner of the schema has a user and a password of its own") {
  const TemporaryDirectory directory;
  const std::string password = directory.Write("pw", "worker-secret");
  const std::string owner_password = directory.Write("owner", "owner-secret");

  const auto [config, problems] =
      ReadText(R"("host":"127.0.0.1","sslmode":"disable","password_file":")" + password +
               R"(","owner_user":"vault_owner","owner_password_file":")" + owner_password + "\"");

  CHECK(problems.empty());
  REQUIRE(config.owner.has_value());
  CHECK(config.owner->user == "vault_owner");
  CHECK(config.owner->password.Expose(SecretAccess::ForTest()) == "owner-secret");
  CHECK(config.owner->database == "vault");
  CHECK(config.service.password.Expose(SecretAccess::ForTest()) == "worker-secret");
}

TEST_CASE("The description of a database shows no password") {
  const TemporaryDirectory directory;
  const auto [config, problems] =
      ReadText(R"("host":"127.0.0.1","sslmode":"disable","password_file":")" +
               directory.Write("pw", "worker-secret") + "\"");

  const std::string description = boost::json::serialize(DescribeDatabaseConfig(config));

  CHECK(description.find("worker-secret") == std::string::npos);
  CHECK(description.find(R"("password_file":"[redacted]")") != std::string::npos);
  CHECK(description.find(R"("host":"127.0.0.1")") != std::string::npos);
}

TEST_CASE("A copy of the settings holds a copy of the password") {
  postgres::ConnectionSettings settings;
  settings.host = "h";
  settings.port = 1;
  settings.database = "d";
  settings.user = "u";
  settings.password = Secret("p");
  settings.sslmode = "require";
  settings.ca_file = "c";
  settings.max_connections = 3;
  settings.application_name = "a";

  const postgres::ConnectionSettings copy = CloneSettings(settings);

  CHECK(copy.host == "h");
  CHECK(copy.port == 1);
  CHECK(copy.database == "d");
  CHECK(copy.user == "u");
  CHECK(copy.password == settings.password);
  CHECK(copy.sslmode == "require");
  CHECK(copy.ca_file == "c");
  CHECK(copy.max_connections == 3);
  CHECK(copy.application_name == "a");
}

}  // namespace
}  // namespace shodan::service
