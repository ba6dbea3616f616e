// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/account-link/account_link_program.h"

#include <csignal>
#include <filesystem>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/config/config_reader.h"
#include "libs/crypto/random.h"
#include "libs/rpc/assertion.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status_mapping.h"
#include "services/account-link/storage/postgres_link_store.h"
#include "tests/contract/services/account-link/fakes/saga.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {
namespace {

namespace json = boost::json;
namespace v1 = ::shodan::accountlink::v1;
using shodan::testing::RunningProgram;

const std::string kProgram = SHODAN_BINARY_DIR "/bin/account-link";
constexpr char kPassword[] = "only-in-tests";
// RFC 8037 appendix A.1 as PKCS#8.
constexpr char kAssertionKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

json::object ProjectsFile(const std::string& jwks_file, const std::string& secret_file) {
  return {{"projects",
           {{{"project_id", "demo"},
             {"display_name", "Shodan Pro"},
             {"settings_url", "https://localhost:8443/app/settings/integrations"},
             {"origins", {"https://localhost:8443"}},
             {"token_issuers",
              {{{"issuer", "https://localhost:8443/dev"},
                {"audience", "shodan-pro"},
                {"jwks_file", jwks_file},
                {"admin_role", "admin"}}}},
             {"zoom_app",
              {{"client_id", "client-1"},
               {"client_secret_file", secret_file},
               {"client_authentication", "client_secret_basic"},
               {"authorization_url", "https://zoom.us/oauth/authorize"},
               {"token_url", "https://zoom.us/oauth/token"},
               {"revocation_url", "https://zoom.us/oauth/revoke"},
               {"profile_url", "https://api.zoom.us/v2/users/me"},
               {"api_base_url", "https://api.zoom.us/v2"},
               {"redirect_url", "https://localhost:8443/oauth/callback"},
               {"expected_scopes", {"user:read:user"}},
               {"request_scopes", json::array()}}}}}}};
}

json::string Text(const std::string& text) { return json::string(text.data(), text.size()); }

}  // namespace

AccountLinkProgram::AccountLinkProgram()
    : assertion_key_(jwt::SigningKey::FromPem(Secret(kAssertionKey)).value()) {
  const std::string service = database() + "_service";
  const std::string owner = database() + "_owner";
  for (const std::string& role : {service, owner}) {
    PostgresFixture::Run("CREATE ROLE " + role + " LOGIN PASSWORD '" + kPassword + "'");
  }
  PostgresFixture::Run("ALTER DATABASE " + database() + " OWNER TO " + owner);
  PostgresFixture::Run("GRANT ALL ON SCHEMA public TO " + owner);
  PostgresFixture::Run("REVOKE ALL ON SCHEMA public FROM PUBLIC");
  PostgresFixture::Run("GRANT USAGE ON SCHEMA public TO " + service);
  PostgresFixture::Run("ALTER DEFAULT PRIVILEGES FOR ROLE " + owner +
                       " IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO " +
                       service);
  PostgresFixture::Run("ALTER DEFAULT PRIVILEGES FOR ROLE " + owner +
                       " IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO " + service);
  StartVault();
}

AccountLinkProgram::~AccountLinkProgram() {
  program_.reset();
  const std::string service = database() + "_service";
  const std::string owner = database() + "_owner";
  PostgresFixture::Run("ALTER DATABASE " + database() + " OWNER TO CURRENT_USER");
  for (const std::string& role : {service, owner}) {
    PostgresFixture::Run("DROP OWNED BY " + role + " CASCADE");
    PostgresFixture::Run("DROP ROLE " + role);
  }
}

std::string AccountLinkProgram::PortFile() const {
  return (authority_.directory().path() / "ports.json").string();
}

std::string AccountLinkProgram::Config(const Options& options) const {
  const auto& directory = authority_.directory();
  const rpc::TlsFiles tls = authority_.Issue("account-link");
  const std::string password_file = directory.Write("password", kPassword);
  const std::string jwks = R"({"keys":[)" + assertion_key_.PublicJwk() + "]}";
  const std::string jwks_file = directory.Write("assertion-keys.json", jwks);
  const std::string projects_file = directory.Write(
      "projects.json", json::serialize(ProjectsFile(jwks_file, "/this/service/must/not/read/it")));
  const postgres::ConnectionSettings database_settings = Settings();
  json::array crash_points;
  for (const std::string& point : options.crash_points) crash_points.emplace_back(Text(point));
  const json::object config = {
      {"environment", "development"},
      {"grpc",
       {{"listen", "127.0.0.1:0"},
        {"certificate_file", Text(tls.certificate_file)},
        {"private_key_file", Text(tls.private_key_file)},
        {"ca_file", Text(tls.ca_file)}}},
      {"admin", {{"listen", "127.0.0.1:0"}}},
      {"port_file", Text(PortFile())},
      {"policy_file", SHODAN_SOURCE_DIR "/services/policy.json"},
      {"assertion_keys_file", Text(jwks_file)},
      {"database",
       {{"host", Text(database_settings.host)},
        {"port", database_settings.port},
        {"name", Text(database())},
        {"user", Text(database() + "_service")},
        {"password_file", Text(password_file)},
        {"owner_user", Text(database() + "_owner")},
        {"owner_password_file", Text(password_file)},
        {"sslmode", "disable"}}},
      {"vault",
       {{"target", Text("localhost:" + std::to_string(vault_port_))},
        {"ca_file", Text(tls.ca_file)}}},
      {"reconciler", {{"interval_ms", 20}, {"grace_ms", options.grace.count()}}},
      {"projects_file", Text(projects_file)},
      {"crash_points", std::move(crash_points)}};
  return json::serialize(config);
}

int AccountLinkProgram::Run(const std::string& config, const std::vector<std::string>& arguments,
                            std::string* output) const {
  std::vector<std::string> command = {kProgram, "--config",
                                      authority_.directory().Write("run.json", config)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  RunningProgram program(command);
  const int result = program.Wait();
  if (output != nullptr) *output = program.output();
  return result;
}

void AccountLinkProgram::Migrate() {
  if (migrated_) return;
  std::string output;
  const int result = Run(Config({}), {"--migrate"}, &output);
  INFO(output);
  REQUIRE(result == 0);
  migrated_ = true;
}

void AccountLinkProgram::Connected(const std::string& user, const std::string& zoom_user) {
  Migrate();
  const std::unique_ptr<postgres::Pool> pool = NewPool(1);
  PostgresLinkStore links(*pool);
  Saga replica(links, vault, std::chrono::milliseconds(0));
  const UserKey owner{"demo", user};
  REQUIRE_THAT(replica.Complete(owner, vault.ExchangedAttempt(owner, zoom_user)),
               shodan::testing::IsOk());
}

void AccountLinkProgram::Start(const Options& options) {
  Migrate();
  const std::string config = Config(options);
  std::filesystem::remove(PortFile());
  const std::string file = authority_.directory().Write("config.json", config);
  program_ = std::make_unique<RunningProgram>(std::vector<std::string>{kProgram, "--config", file});
  const bool serving = program_->WaitForOutput("serving");
  INFO(program_->output());
  REQUIRE(serving);
  const json::value ports = json::parse(ReadFile(PortFile()).value());
  stub_ = v1::AccountLinkService::NewStub(rpc::MakeChannel(
      "localhost:" + std::to_string(ports.at("grpc").as_int64()), authority_.Issue("gateway"),
      *v1::GetLinkRequest::descriptor()->file()->FindServiceByName("AccountLinkService")));
}

int AccountLinkProgram::Kill(int signal) {
  program_->Signal(signal);
  return WaitForEnd();
}

int AccountLinkProgram::WaitForEnd() { return program_->Wait(); }

void AccountLinkProgram::StopVault() {
  vault_server_->Drain(std::chrono::milliseconds(0));
  vault_server_.reset();
}

void AccountLinkProgram::StartVault() {
  auto server = rpc::Server::Start("127.0.0.1:" + std::to_string(vault_port_),
                                   authority_.Issue("token-vault"), {&vault_service_});
  INFO(server.status().ToString());
  REQUIRE(server.ok());
  vault_server_ = *std::move(server);
  vault_port_ = vault_server_->port();
}

absl::Status AccountLinkProgram::Send(const std::function<grpc::Status(grpc::ClientContext&)>& send,
                                      const std::string& assertion_user) {
  grpc::ClientContext context;
  std::string assertion;
  if (!assertion_user.empty()) {
    assertion = rpc::SignAssertion(assertion_key_,
                                   {.audience = "account-link",
                                    .project_id = "demo",
                                    .user_id = assertion_user,
                                    .api_key_id = {},
                                    .scopes = {},
                                    .admin = assertion_user == "root"},
                                   std::chrono::system_clock::now());
  }
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "request-1", assertion);
  return rpc::FromGrpcStatus(send(context));
}

absl::StatusOr<v1::Link> AccountLinkProgram::CompleteLink(const std::string& user,
                                                          const std::string& attempt_id) {
  v1::CompleteLinkRequest request;
  request.set_project_id("demo");
  request.set_user_id(user);
  request.set_attempt_id(attempt_id);
  SHODAN_ASSIGN_OR_RETURN(const v1::CompleteLinkResponse response,
                          Call(&v1::AccountLinkService::Stub::CompleteLink, request, user));
  return response.link();
}

absl::StatusOr<v1::Link> AccountLinkProgram::GetLink(const std::string& user) {
  v1::GetLinkRequest request;
  request.set_project_id("demo");
  request.set_user_id(user);
  SHODAN_ASSIGN_OR_RETURN(const v1::GetLinkResponse response,
                          Call(&v1::AccountLinkService::Stub::GetLink, request, user));
  return response.link();
}

absl::StatusOr<v1::DisconnectResponse> AccountLinkProgram::Disconnect(const std::string& user) {
  v1::DisconnectRequest request;
  request.set_project_id("demo");
  request.set_user_id(user);
  request.set_request_id(RandomUuid());
  return Call(&v1::AccountLinkService::Stub::Disconnect, request, user);
}

absl::StatusOr<v1::CallNote> AccountLinkProgram::WriteNote(const std::string& user,
                                                           const std::string& text) {
  v1::CreateCallNoteRequest request;
  request.set_project_id("demo");
  request.set_user_id(user);
  request.set_request_id(RandomUuid());
  request.mutable_note()->set_text(text);
  request.mutable_note()->set_company_id("c1");
  SHODAN_ASSIGN_OR_RETURN(const v1::CreateCallNoteResponse response,
                          Call(&v1::AccountLinkService::Stub::CreateCallNote, request, user));
  return response.note();
}

v1::Link AccountLinkProgram::Await(const std::string& user, v1::LinkState state) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(30));
  absl::StatusOr<v1::Link> link = GetLink(user);
  while (link.ok() && link->state() != state && !deadline.Expired()) link = GetLink(user);
  INFO(link.status().ToString());
  REQUIRE(link.ok());
  REQUIRE(link->state() == state);
  return *link;
}

void AccountLinkProgram::AwaitQuery(const std::string& sql, const std::string& value) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(30));
  while (Query(sql) != value && !deadline.Expired()) {
  }
  INFO(sql);
  REQUIRE(Query(sql) == value);
}

}  // namespace shodan::account_link::testing
