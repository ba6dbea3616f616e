// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/config.h"

#include <set>
#include <string>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/service/program.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

constexpr char kPolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{}})";
constexpr char kAssertionKeys[] =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
constexpr char kProjects[] = R"({"projects":[{
  "project_id":"demo","display_name":"Demo","settings_url":"https://crm.example/settings",
  "origins":["https://crm.example"],
  "token_issuers":[{"issuer":"https://login.example","audience":"crm",
                    "jwks_url":"https://login.example/jwks"}],
  "zoom_app":{"client_id":"id","client_secret_file":"SECRET_FILE",
    "authorization_url":"https://zoom.us/oauth/authorize","token_url":"https://zoom.us/oauth/token",
    "revocation_url":"https://zoom.us/oauth/revoke",
    "profile_url":"https://api.zoom.us/v2/users/me","api_base_url":"https://api.zoom.us/v2",
    "redirect_url":"https://crm.example/oauth/callback","expected_scopes":["user:read:user"]}}]})";

struct World {
  TemporaryDirectory directory;

  json::object Valid() const {
    std::string projects = kProjects;
    projects.replace(projects.find("SECRET_FILE"), 11, directory.Write("client.secret", "s3cret"));
    const std::string pem = directory.Write("tls.pem", "PEM");
    return {{"grpc",
             {{"listen", "127.0.0.1:0"},
              {"certificate_file", pem},
              {"private_key_file", pem},
              {"ca_file", pem}}},
            {"admin", {{"listen", "127.0.0.1:0"}}},
            {"policy_file", directory.Write("policy.json", kPolicy)},
            {"assertion_keys_file", directory.Write("keys.json", kAssertionKeys)},
            {"database",
             {{"host", "/run/postgresql"}, {"name", "token_vault"}, {"user", "token_vault"}}},
            {"audit", {{"seal_key_file", directory.Write("seal.key", std::string(43, 'A'))}}},
            {"key_ring_file", directory.Write("ring.json", "the ring")},
            {"spool_directory", directory.path().string()},
            {"ledger_directory", directory.path().string()},
            {"projects_file", directory.Write("projects.json", projects)}};
  }

  static absl::StatusOr<Config> Load(const json::object& object) {
    absl::StatusOr<ConfigReader> reader = ConfigReader::FromText(json::serialize(object));
    REQUIRE_THAT(reader, IsOk());
    return service::LoadConfig(*std::move(reader), ReadConfig);
  }

  static std::set<std::string> ProblemsOf(const json::object& object) {
    const absl::StatusOr<Config> config = Load(object);
    CHECK_THAT(config, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    std::set<std::string> fields;
    for (const FieldViolation& field : FieldsOf(config.status())) fields.insert(field.field);
    return fields;
  }
};

TEST_CASE_METHOD(World, "The vault's configuration has defaults for every duration") {
  const auto config = Load(Valid());

  REQUIRE_THAT(config, IsOk());
  CHECK(config->lifetimes.ticket == milliseconds(60'000));
  CHECK(config->lifetimes.attempt == milliseconds(600'000));
  CHECK(config->lifetimes.exchange == milliseconds(30'000));
  CHECK(config->lifetimes.pending_grant == milliseconds(600'000));
  CHECK(config->lifetimes.refresh_margin == milliseconds(300'000));
  CHECK(config->lifetimes.lease == milliseconds(15'000));
  CHECK(config->lifetimes.suspect == milliseconds(60'000));
  CHECK(config->lifetimes.erasure == milliseconds(50'000));
  CHECK(config->lifetimes.revocation_in_request == milliseconds(5'000));
  CHECK(config->lifetimes.reconnect_required_profile == std::chrono::hours(7 * 24));
  CHECK(config->lifetimes.record_retention == std::chrono::hours(24));
  CHECK(config->zoom.token == milliseconds(10'000));
  CHECK(config->lifetimes.token_request == config->zoom.token);
  CHECK(config->zoom.profile == milliseconds(5'000));
  CHECK(config->zoom.revoke == milliseconds(5'000));
  CHECK(config->sweep_interval == milliseconds(1'000));
  CHECK(config->app_refresh == milliseconds(10'000));
  CHECK(config->lifetimes.previous_secret == std::chrono::hours(7 * 24));
  CHECK(config->lifetimes.ledger == std::chrono::hours(35 * 24));
  CHECK(config->lifetimes.ledger_check == milliseconds(2'000));
  CHECK(config->keys.report_interval == milliseconds(5'000));
  CHECK(config->keys.replica_stale == milliseconds(60'000));
  CHECK(config->keys.retire_after == std::chrono::hours(7 * 24));
  CHECK(config->keys.rotate_every == std::chrono::hours(7 * 24));
  CHECK(config->keys.destroy_after == std::chrono::hours(14 * 24));
  CHECK(config->keys.rewrap_batch == 100);
  CHECK(config->imports_per_second == 5);
}

TEST_CASE_METHOD(World, "The projects file brings each project's Zoom app with its secret") {
  const auto config = Load(Valid());

  REQUIRE_THAT(config, IsOk());
  REQUIRE(config->zoom_apps.size() == 1);
  const ZoomApp& app = config->zoom_apps[0];
  CHECK(app.project_id == "demo");
  CHECK(app.client_id == "id");
  CHECK(app.client_secret == Secret("s3cret"));
  CHECK(app.client_authentication == ClientAuthentication::kBasic);
  CHECK(app.revocation_url == "https://zoom.us/oauth/revoke");
  CHECK(app.expected_scopes == std::vector<std::string>{"user:read:user"});
  CHECK(app.request_scopes.empty());
  CHECK(app.profile_pointers.user_id == "/id");
}

TEST_CASE_METHOD(World, "One start tells everything that is missing") {
  CHECK(ProblemsOf({}) ==
        std::set<std::string>{
            "grpc.listen", "grpc.certificate_file", "grpc.private_key_file", "grpc.ca_file",
            "policy_file", "assertion_keys_file", "admin.listen", "database.host", "database.name",
            "database.user", "database.password_file", "database.ca_file", "key_ring_file",
            "audit.seal_key_file", "projects_file", "spool_directory", "ledger_directory"});
}

TEST_CASE_METHOD(World, "One start tells everything that is wrong, unknown keys included") {
  json::object object = Valid();
  object["lifetimes"] = {{"ticket_s", 0},          {"attempt_s", 3'601},
                         {"exchange_s", "60"},     {"erasure_deadline_s", 51},
                         {"pending_grant_s", -1},  {"reconnect_required_profile_s", 864'001},
                         {"sweep_interval_ms", 9}, {"no_such_lifetime_s", 1}};
  object["zoom"] = {{"token_timeout_ms", 25'001}, {"revoke_timeout_ms", 0}};
  object["key_ring_file"] = (directory.path() / "absent").string();
  object["no_such_key"] = 1;

  CHECK(ProblemsOf(object) ==
        std::set<std::string>{"lifetimes.ticket_s", "lifetimes.attempt_s", "lifetimes.exchange_s",
                              "lifetimes.erasure_deadline_s", "lifetimes.pending_grant_s",
                              "lifetimes.reconnect_required_profile_s",
                              "lifetimes.sweep_interval_ms", "lifetimes.no_such_lifetime_s",
                              "zoom.token_timeout_ms", "zoom.revoke_timeout_ms", "key_ring_file",
                              "no_such_key"});
}

TEST_CASE_METHOD(World, "A lease must outlast the request it protects") {
  json::object object = Valid();
  object["lifetimes"] = {{"lease_s", 14}};
  CHECK(ProblemsOf(object) == std::set<std::string>{"lifetimes.lease_s"});
  object["lifetimes"] = {{"lease_s", 15}};
  CHECK_THAT(Load(object), IsOk());
  object["zoom"] = {{"token_timeout_ms", 10'001}};
  CHECK(ProblemsOf(object) == std::set<std::string>{"lifetimes.lease_s"});
}

TEST_CASE_METHOD(World,
                 "Deadline and request of a revocation leave time for the wipe in a minute") {
  json::object object = Valid();
  object["lifetimes"] = {{"erasure_deadline_s", 50}, {"revocation_in_request_s", 6}};
  CHECK(ProblemsOf(object) == std::set<std::string>{"lifetimes.erasure_deadline_s"});
  object["lifetimes"] = {{"erasure_deadline_s", 40}, {"revocation_in_request_s", 15}};
  CHECK_THAT(Load(object), IsOk());
}

TEST_CASE_METHOD(World, "A key epoch is destroyed no earlier than it can be replaced and retired") {
  json::object object = Valid();
  object["keys"] = {{"rotate_every_s", 100}, {"retire_after_s", 50}, {"destroy_after_s", 149}};
  CHECK(ProblemsOf(object) == std::set<std::string>{"keys.destroy_after_s"});
  object["keys"].as_object()["destroy_after_s"] = 150;
  CHECK_THAT(Load(object), IsOk());
  object["keys"] = {{"retire_after_s", 8 * 24 * 3600}};
  CHECK(ProblemsOf(object) == std::set<std::string>{"keys.destroy_after_s"});
}

TEST_CASE_METHOD(World, "A projects file that is not sound is a problem of its key") {
  json::object object = Valid();
  object["projects_file"] = directory.Write("broken.json", "{");
  CHECK(ProblemsOf(object) == std::set<std::string>{"projects_file"});
}

TEST_CASE_METHOD(World, "The description names every setting and no secret") {
  const auto config = Load(Valid());
  REQUIRE_THAT(config, IsOk());

  const json::object described = DescribeConfig(*config);

  CHECK(described.at("lifetimes").at("erasure_deadline_s") == 50);
  CHECK(described.at("zoom").at("token_timeout_ms") == 10'000);
  const std::string text = json::serialize(described);
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find("the ring") == std::string::npos);
  CHECK(described.at("database").at("password_file") == "[redacted]");
}

}  // namespace
}  // namespace shodan::tokenvault
