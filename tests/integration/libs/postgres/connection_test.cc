// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/connection.h"

#include <chrono>
#include <string>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::postgres {
namespace {

using Catch::Matchers::Contains;
using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;
using testing::PostgresFixture;
using testing::TestDeadline;

const auto kUnavailable = IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE");
const auto kTimeout = IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT");

// Self-signed, and of nobody's installation.
constexpr char kForeignCa[] = R"(-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUJ1mpHGLKvJHp378g7+3q9lK01p0wCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMjE1NDM1WhgP
MjEyNjEwMjgyMTU0MzVaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEP2ggE8Zumfb4C+0zDD07ep8/rp+ga5jc
EWMdiToRInZhCSorqWx1+8sYtr8n5zBJll1MYzrPnSvsd7VjPbZPx6NTMFEwHQYD
VR0OBBYEFDhGVAGHH/0yjCRo3+kYcjYGjT7QMB8GA1UdIwQYMBaAFDhGVAGHH/0y
jCRo3+kYcjYGjT7QMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
F/yYo1wM6BvvU7lzMs8OpzX1Ka56KwwN4x82gl/w4gMCIQD2D9a6W2VC2GiNZ/x3
g3h8NA9PyFHLPTxZ/f/lG2elMw==
-----END CERTIFICATE-----
)";

std::string Setting(Connection& connection, const std::string& name) {
  const Outcome outcome = connection.Execute("SELECT current_setting($1) AS value",
                                             Params().Text(name), TestDeadline());
  REQUIRE_THAT(outcome.result, IsOk());
  return (*outcome.result)[0].Text("value");
}

// A port that a socket holds: connections are accepted by the system and never answered.
class SilentServer {
 public:
  explicit SilentServer(bool listening) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    if (listening) REQUIRE(listen(socket_, 8) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST_CASE_METHOD(PostgresFixture, "A session has our name, UTC, UTF-8 and time limits of its own") {
  ConnectionSettings settings = Settings();
  settings.application_name = "account-link";
  const auto connection = Connection::Open(settings, TestDeadline());

  REQUIRE_THAT(connection, IsOk());
  CHECK(Setting(**connection, "application_name") == "account-link");
  CHECK(Setting(**connection, "TimeZone") == "UTC");
  CHECK(Setting(**connection, "client_encoding") == "UTF8");
  CHECK(Setting(**connection, "statement_timeout") == "30s");
  CHECK(Setting(**connection, "idle_in_transaction_session_timeout") == "30s");
}

TEST_CASE_METHOD(PostgresFixture, "A statement is prepared once per connection") {
  const auto connection = Connection::Open(Settings(), TestDeadline());
  REQUIRE_THAT(connection, IsOk());
  for (int i = 0; i < 3; ++i) {
    REQUIRE_THAT(
        (*connection)->Execute("SELECT $1::int AS n", Params().Int(i), TestDeadline()).result,
        IsOk());
  }

  const Outcome count =
      (*connection)->Run("SELECT count(*)::int AS n FROM pg_prepared_statements", TestDeadline());

  REQUIRE_THAT(count.result, IsOk());
  CHECK((*count.result)[0].Int("n") == 1);
}

TEST_CASE_METHOD(PostgresFixture,
                 "A wrong password is unavailable, and the message names neither host nor role") {
  ConnectionSettings settings = Settings();
  settings.password = Secret("wrong");

  const auto connection = Connection::Open(settings, TestDeadline());

  CHECK_THAT(connection, kUnavailable);
  const std::string message(connection.status().message());
  CHECK_THAT(message, Contains("refused the role or its password"));
  CHECK_THAT(message, !Contains(settings.host) && !Contains(settings.user));
}

TEST_CASE_METHOD(PostgresFixture,
                 "A database that does not exist is unavailable and said to be missing") {
  ConnectionSettings settings = Settings();
  settings.database = "no_such_database";

  const auto connection = Connection::Open(settings, TestDeadline());

  CHECK_THAT(connection, kUnavailable);
  CHECK_THAT(std::string(connection.status().message()), Contains("does not exist"));
}

TEST_CASE_METHOD(PostgresFixture, "A port where nothing listens is unavailable at once") {
  const SilentServer nobody(/*listening=*/false);
  ConnectionSettings settings = Settings();
  settings.host = "127.0.0.1";
  settings.port = nobody.port();

  const auto connection = Connection::Open(settings, TestDeadline());

  CHECK_THAT(connection, kUnavailable);
  CHECK_THAT(std::string(connection.status().message()), Contains("nothing listens"));
}

TEST_CASE_METHOD(PostgresFixture, "A server that never answers is given up at the deadline") {
  const SilentServer silent(/*listening=*/true);
  ConnectionSettings settings = Settings();
  settings.host = "127.0.0.1";
  settings.port = silent.port();

  CHECK_THAT(Connection::Open(settings, Deadline::After(milliseconds(50))), kTimeout);
}

TEST_CASE_METHOD(PostgresFixture, "A host name without an address is unavailable") {
  ConnectionSettings settings = Settings();
  settings.host = "no-such-host.invalid";

  CHECK_THAT(Connection::Open(settings, TestDeadline()), kUnavailable);
}

TEST_CASE_METHOD(PostgresFixture, "A socket directory without a server is unavailable") {
  const testing::TemporaryDirectory directory;
  ConnectionSettings settings = Settings();
  settings.host = directory.path().string();

  CHECK_THAT(Connection::Open(settings, TestDeadline()), kUnavailable);
}

TEST_CASE_METHOD(PostgresFixture,
                 "verify-full reaches a server whose certificate the authority signed") {
  ConnectionSettings settings = Settings();
  settings.sslmode = "verify-full";

  const auto connection = Connection::Open(settings, TestDeadline());

  REQUIRE_THAT(connection, IsOk());
  const Outcome tls = (*connection)
                          ->Run("SELECT ssl AS value FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                                TestDeadline());
  REQUIRE_THAT(tls.result, IsOk());
  CHECK((*tls.result)[0].Bool("value"));
}

TEST_CASE_METHOD(PostgresFixture, "verify-full refuses a server that another authority signed") {
  const testing::TemporaryDirectory directory;
  ConnectionSettings settings = Settings();
  settings.sslmode = "verify-full";
  settings.ca_file = directory.Write("ca.pem", kForeignCa);

  const auto connection = Connection::Open(settings, TestDeadline());

  CHECK_THAT(connection, kUnavailable);
  CHECK_THAT(std::string(connection.status().message()), Contains("certificate"));
}

TEST_CASE_METHOD(PostgresFixture, "A statement that is cut off leaves its connection unusable") {
  const auto connection = Connection::Open(Settings(), TestDeadline());
  REQUIRE_THAT(connection, IsOk());

  const Outcome outcome =
      (*connection)->Run("SELECT pg_sleep(600)", Deadline::After(milliseconds(300)));

  CHECK_THAT(outcome.result, kTimeout);
  CHECK(outcome.reach == Reach::kUnknown);
  CHECK_FALSE((*connection)->usable());
}

TEST_CASE_METHOD(PostgresFixture, "A statement that comes too late is not sent") {
  const auto connection = Connection::Open(Settings(), TestDeadline());
  REQUIRE_THAT(connection, IsOk());
  const Deadline past = Deadline::After(milliseconds(-1));

  const Outcome run = (*connection)->Run("CREATE TABLE late (id int)", past);
  const Outcome executed = (*connection)->Execute("CREATE TABLE late (id int)", {}, past);

  CHECK_THAT(run.result, kTimeout);
  CHECK(run.reach == Reach::kNotSent);
  CHECK_THAT(executed.result, kTimeout);
  CHECK((*connection)->usable());
  CHECK(Query("SELECT (to_regclass('late') IS NULL)::text AS value") == "true");
}

TEST_CASE_METHOD(PostgresFixture,
                 "The server stops working on a statement whose connection was closed") {
  {
    ConnectionSettings settings = Settings();
    settings.application_name = "cut-off";
    const auto connection = Connection::Open(settings, TestDeadline());
    REQUIRE_THAT(connection, IsOk());
    static_cast<void>(
        (*connection)->Run("SELECT pg_sleep(600)", Deadline::After(milliseconds(300))));
  }

  const Deadline deadline = TestDeadline();
  std::string running;
  do {
    running = Query(
        "SELECT count(*)::text AS value FROM pg_stat_activity"
        " WHERE application_name = 'cut-off'");
  } while (running != "0" && !deadline.Expired());

  CHECK(running == "0");
}

TEST_CASE_METHOD(
    PostgresFixture,
    "A cached plan that no longer fits makes its connection unusable, so the next one works") {
  Run("CREATE TABLE items (id int)");
  const auto connection = Connection::Open(Settings(), TestDeadline());
  REQUIRE_THAT(connection, IsOk());
  constexpr std::string_view kSelect = "SELECT * FROM items";
  REQUIRE_THAT((*connection)->Execute(kSelect, {}, TestDeadline()).result, IsOk());
  Run("ALTER TABLE items ADD COLUMN name text");

  const Outcome outcome = (*connection)->Execute(kSelect, {}, TestDeadline());

  CHECK_THAT(outcome.result, IsError(absl::StatusCode::kInternal, "DATABASE_ERROR"));
  CHECK(MetadataOf(outcome.result.status()) == ErrorMetadata{{"sqlstate", "0A000"}});
  CHECK_FALSE((*connection)->usable());
}

}  // namespace
}  // namespace shodan::postgres
