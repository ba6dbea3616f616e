// SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres_fixture.h"

#include <cstdlib>
#include <utility>

#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "libs/crypto/random.h"
#include "libs/postgres/connection.h"
#include "tests/support/status_matchers.h"

namespace shodan::testing {
namespace {

postgres::ConnectionSettings ReadServer() {
  const char* const file = std::getenv("SHODAN_TEST_SERVICES");
  if (file == nullptr) {
    FAIL(
        "SHODAN_TEST_SERVICES is not set: run this through `deploy/dev test`, or let it name a "
        "JSON file with "
        "{\"postgres\":{\"host\",\"port\",\"user\",\"password_file\",\"ca_file\"}}.");
  }
  absl::StatusOr<ConfigReader> reader = ConfigReader::FromFile(file);
  REQUIRE_THAT(reader, IsOk());
  ConfigReader server = reader->Object("postgres");
  postgres::ConnectionSettings settings;
  settings.host = server.String("host");
  settings.port = static_cast<int>(server.Integer("port", 1, 65535, std::nullopt));
  settings.user = server.String("user");
  settings.password = server.SecretFile("password_file", /*optional=*/true);
  settings.ca_file = server.String("ca_file", "");
  settings.database = "postgres";
  settings.sslmode = "disable";
  settings.application_name = "shodan-tests";
  return settings;
}

// Outside a transaction, which CREATE DATABASE asks for.
absl::Status RunIn(const postgres::ConnectionSettings& settings, const std::string& sql) {
  const Deadline deadline = TestDeadline();
  auto connection = postgres::Connection::Open(settings, deadline);
  if (!connection.ok()) return connection.status();
  return (*connection)->Run(sql, deadline).result.status();
}

}  // namespace

PostgresFixture::PostgresFixture() : server_(ReadServer()) {
  std::string name = "test_" + RandomUuid();
  for (char& c : name) c = c == '-' ? '_' : c;
  REQUIRE_THAT(RunIn(server_, "CREATE DATABASE " + name + " TEMPLATE template0"), IsOk());
  database_ = name;
  observer_ = NewPool(1);
}

PostgresFixture::~PostgresFixture() {
  observer_.reset();
  CHECK_THAT(RunIn(server_, "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)"), IsOk());
}

postgres::ConnectionSettings PostgresFixture::Settings(int max_connections) const {
  postgres::ConnectionSettings settings;
  settings.host = server_.host;
  settings.port = server_.port;
  settings.database = database_;
  settings.user = server_.user;
  settings.password = server_.password.Clone();
  settings.sslmode = server_.sslmode;
  settings.ca_file = server_.ca_file;
  settings.max_connections = max_connections;
  settings.application_name = server_.application_name;
  return settings;
}

std::unique_ptr<postgres::Pool> PostgresFixture::NewPool(int max_connections) const {
  return std::make_unique<postgres::Pool>(Settings(max_connections));
}

void PostgresFixture::Run(const std::string& sql) const {
  REQUIRE_THAT(RunIn(Settings(), sql), IsOk());
}

std::string PostgresFixture::Query(std::string_view sql) const {
  const absl::StatusOr<postgres::Result> rows = observer_->Execute(sql, {}, TestDeadline());
  REQUIRE_THAT(rows, IsOk());
  REQUIRE(rows->size() > 0);
  return (*rows)[0].Text("value");
}

}  // namespace shodan::testing
