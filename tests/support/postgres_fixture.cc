// SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres_fixture.h"

#include <cstdlib>
#include <map>
#include <utility>

#define CATCH_CONFIG_EXTERNAL_INTERFACES
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

postgres::ConnectionSettings In(const postgres::ConnectionSettings& server,
                                const std::string& database) {
  postgres::ConnectionSettings settings;
  settings.host = server.host;
  settings.port = server.port;
  settings.database = database;
  settings.user = server.user;
  settings.password = server.password.Clone();
  settings.sslmode = server.sslmode;
  settings.ca_file = server.ca_file;
  settings.application_name = server.application_name;
  return settings;
}

std::string NewName(const std::string& prefix) {
  std::string name = prefix + RandomUuid();
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

// A database with a schema and nothing else, to be copied until the program ends.
class Template {
 public:
  Template(const postgres::ConnectionSettings& server,
           const std::vector<postgres::Migration>& migrations)
      : server_(In(server, server.database)), name_(NewName("template_")) {
    REQUIRE_THAT(RunIn(server_, "CREATE DATABASE " + name_ + " TEMPLATE template0"), IsOk());
    REQUIRE_THAT(postgres::Migrate(In(server_, name_), migrations, TestDeadline()), IsOk());
  }
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;
  ~Template() {
    // No test case is left that could fail.
    RunIn(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)").IgnoreError();
  }

  const std::string& name() const { return name_; }

 private:
  postgres::ConnectionSettings server_;
  std::string name_;
};

std::map<const std::vector<postgres::Migration>*, Template>& Templates() {
  static std::map<const std::vector<postgres::Migration>*, Template> templates;
  return templates;
}

const std::string& TemplateOf(const postgres::ConnectionSettings& server,
                              const std::vector<postgres::Migration>& migrations) {
  return Templates().try_emplace(&migrations, server, migrations).first->second.name();
}

// Drops the templates after the last test case: at exit it is too late, OpenSSL is gone by then.
struct TemplatesEnd : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats&) override { Templates().clear(); }
};
CATCH_REGISTER_LISTENER(TemplatesEnd)

}  // namespace

PostgresFixture::PostgresFixture() : PostgresFixture(ReadServer(), "template0") {}

PostgresFixture::PostgresFixture(const std::vector<postgres::Migration>& migrations)
    : PostgresFixture(ReadServer(), TemplateOf(ReadServer(), migrations)) {}

PostgresFixture::PostgresFixture(postgres::ConnectionSettings server, const std::string& origin)
    : server_(std::move(server)) {
  const std::string name = NewName("test_");
  REQUIRE_THAT(RunIn(server_, "CREATE DATABASE " + name + " TEMPLATE " + origin), IsOk());
  database_ = name;
  observer_ = NewPool(1);
}

PostgresFixture::~PostgresFixture() {
  observer_.reset();
  CHECK_THAT(RunIn(server_, "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)"), IsOk());
}

postgres::ConnectionSettings PostgresFixture::Settings(int max_connections) const {
  postgres::ConnectionSettings settings = In(server_, database_);
  settings.max_connections = max_connections;
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
