// SPDX-License-Identifier: Apache-2.0
#include "libs/projects/projects.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::projects {
namespace {

namespace json = boost::json;
using testing::IsError;
using testing::IsOk;

constexpr ProjectsOptions kVault{.read_secrets = true, .allow_http_on_loopback = true};
constexpr ProjectsOptions kAccountLink{.read_secrets = false, .allow_http_on_loopback = true};

class ProjectsFile {
 public:
  ProjectsFile() {
    json::object project = json::parse(R"({
      "project_id": "demo", "display_name": "Shodan Pro",
      "settings_url": "https://localhost:8443/app/settings/integrations",
      "origins": ["https://localhost:8443"],
      "token_issuers": [{
        "issuer": "https://localhost:8443/dev", "audience": "shodan-pro", "jwks_url": null,
        "user_claim": "sub", "name_claim": "name", "role_claim": "roles", "admin_role": "admin"}],
      "zoom_app": {
        "client_id": "client-1", "client_authentication": "client_secret_post",
        "authorization_url": "https://zoom.us/oauth/authorize",
        "token_url": "https://zoom.us/oauth/token", "revocation_url": "https://zoom.us/oauth/revoke",
        "profile_url": "https://api.zoom.us/v2/users/me", "api_base_url": "https://api.zoom.us/v2",
        "redirect_url": "https://localhost:8443/oauth/callback",
        "expected_scopes": ["user:read:user"], "request_scopes": [],
        "authorization_parameters": {"prompt": "login"},
        "webhook_secret_file": null, "ca_file": null}})")
                               .as_object();
    project["token_issuers"].at(0).as_object()["jwks_file"] =
        directory_.Write("jwks.json", "{\"keys\":[]}\n");
    project["zoom_app"].as_object()["client_secret_file"] =
        directory_.Write("client_secret", "the secret\n");
    projects_.push_back(project);
  }

  json::object& project(size_t index = 0) { return projects_[index].as_object(); }
  json::object& zoom_app(size_t index = 0) { return project(index)["zoom_app"].as_object(); }
  json::object& issuer() { return project()["token_issuers"].at(0).as_object(); }
  void Duplicate() { projects_.push_back(json::value(projects_[0])); }
  void Clear() { projects_.clear(); }
  const testing::TemporaryDirectory& directory() const { return directory_; }

  absl::StatusOr<std::vector<Project>> Load(const ProjectsOptions& options = kVault) const {
    return LoadProjects(
        directory_.Write("projects.json", json::serialize(json::object{{"projects", projects_}})),
        options);
  }

  /// The paths of the fields with problems, sorted and without the leading "projects[0].".
  std::vector<std::string> BadFields(const ProjectsOptions& options = kVault) const {
    constexpr std::string_view kPrefix = "projects[0].";
    std::vector<std::string> paths;
    for (const FieldViolation& field : FieldsOf(Load(options).status())) {
      const bool first = field.field.starts_with(kPrefix);
      paths.push_back(first ? field.field.substr(kPrefix.size()) : field.field);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  testing::TemporaryDirectory directory_;
  json::array projects_;
};

using Paths = std::vector<std::string>;

TEST_CASE("A projects file is read whole") {
  ProjectsFile file;
  file.zoom_app()["webhook_secret_file"] = file.directory().Write("webhook", "hook secret");
  file.zoom_app()["ca_file"] = file.directory().Write("ca.pem", "certificates");

  const auto projects = file.Load();

  REQUIRE_THAT(projects, IsOk());
  REQUIRE(projects->size() == 1);
  const Project& project = projects->front();
  CHECK(project.project_id == "demo");
  CHECK(project.display_name == "Shodan Pro");
  CHECK(project.settings_url == "https://localhost:8443/app/settings/integrations");
  CHECK(project.origins == std::vector<std::string>{"https://localhost:8443"});
  REQUIRE(project.token_issuers.size() == 1);
  CHECK(project.token_issuers[0].issuer == "https://localhost:8443/dev");
  CHECK(project.token_issuers[0].audience == "shodan-pro");
  CHECK_FALSE(project.token_issuers[0].jwks_url.has_value());
  CHECK(project.token_issuers[0].jwks == "{\"keys\":[]}");
  CHECK(project.token_issuers[0].admin_role == "admin");
  const ZoomApp& app = project.zoom_app;
  CHECK(app.client_id == "client-1");
  CHECK(app.client_secret.Expose(SecretAccess::ForTest()) == "the secret");
  CHECK(app.client_authentication == ClientAuthentication::kSecretPost);
  CHECK(app.revocation_url == "https://zoom.us/oauth/revoke");
  CHECK(app.expected_scopes == std::vector<std::string>{"user:read:user"});
  CHECK(app.authorization_parameters ==
        std::vector<std::pair<std::string, std::string>>{{"prompt", "login"}});
  REQUIRE(app.webhook_secret.has_value());
  CHECK(app.webhook_secret->Expose(SecretAccess::ForTest()) == "hook secret");
  CHECK(app.ca_file == (file.directory().path() / "ca.pem").string());
}

TEST_CASE("A service that must not hold secrets never opens their files") {
  ProjectsFile file;
  file.zoom_app()["client_secret_file"] = "/nonexistent/client_secret";
  file.zoom_app()["webhook_secret_file"] = "/nonexistent/webhook";
  file.zoom_app()["ca_file"] = "/nonexistent/ca.pem";

  const auto projects = file.Load(kAccountLink);

  REQUIRE_THAT(projects, IsOk());
  CHECK(projects->front().zoom_app.client_secret.empty());
  CHECK_FALSE(projects->front().zoom_app.webhook_secret.has_value());
  CHECK(file.BadFields(kVault) ==
        Paths{"zoom_app.ca_file", "zoom_app.client_secret_file", "zoom_app.webhook_secret_file"});
}

TEST_CASE("What may be left out has defaults") {
  ProjectsFile file;
  for (const char* key : {"user_claim", "name_claim", "role_claim", "admin_role", "jwks_url"}) {
    file.issuer().erase(key);
  }
  for (const char* key :
       {"client_authentication", "revocation_url", "expected_scopes", "request_scopes",
        "authorization_parameters", "webhook_secret_file", "ca_file"}) {
    file.zoom_app().erase(key);
  }

  const auto projects = file.Load();

  REQUIRE_THAT(projects, IsOk());
  const TokenIssuer& issuer = projects->front().token_issuers[0];
  CHECK(issuer.user_claim == "sub");
  CHECK(issuer.name_claim == "name");
  CHECK(issuer.role_claim == "roles");
  CHECK(issuer.admin_role.empty());
  const ZoomApp& app = projects->front().zoom_app;
  CHECK(app.client_authentication == ClientAuthentication::kSecretBasic);
  CHECK_FALSE(app.revocation_url.has_value());
  CHECK(app.expected_scopes.empty());
  CHECK(app.profile_pointers.user_id == "/id");
  CHECK(app.profile_pointers.account_id == "/account_id");
  CHECK(app.profile_pointers.last_name == "/last_name");
}

TEST_CASE("With profile pointers of its own, a server tells only what they name") {
  ProjectsFile file;
  file.zoom_app()["profile_pointers"] = {{"user_id", "/sub"}, {"email", "/mail~1s/0"}};

  const auto projects = file.Load();

  REQUIRE_THAT(projects, IsOk());
  const ProfilePointers& pointers = projects->front().zoom_app.profile_pointers;
  CHECK(pointers.user_id == "/sub");
  CHECK(pointers.email == "/mail~1s/0");
  CHECK(pointers.account_id.empty());
}

TEST_CASE("Profile pointers follow RFC 6901 and name the user id") {
  ProjectsFile file;
  file.zoom_app()["profile_pointers"] = {
      {"email", "email"}, {"first_name", "/a~2"}, {"last_name", "/a~"}};

  CHECK(file.BadFields() ==
        Paths{"zoom_app.profile_pointers.email", "zoom_app.profile_pointers.first_name",
              "zoom_app.profile_pointers.last_name", "zoom_app.profile_pointers.user_id"});
}

TEST_CASE("A public client has no secret, every other client has one") {
  ProjectsFile file;
  file.zoom_app()["client_authentication"] = "none";
  const auto options = GENERATE(kVault, kAccountLink);
  CHECK(file.BadFields(options) == Paths{"zoom_app.client_secret_file"});

  file.zoom_app().erase("client_secret_file");
  const auto projects = file.Load(options);
  REQUIRE_THAT(projects, IsOk());
  CHECK(projects->front().zoom_app.client_authentication == ClientAuthentication::kNone);

  file.zoom_app()["client_authentication"] = "client_secret_basic";
  CHECK(file.BadFields(options) == Paths{"zoom_app.client_secret_file"});
}

TEST_CASE("All problems of a file are told at once, with their paths") {
  ProjectsFile file;
  file.project()["project_id"] = "Demo_1";
  file.project()["settings_url"] = "http://crm.example/settings";
  file.project()["origins"] = {"https://crm.example/", "https://crm.example"};
  file.project()["colour"] = "blue";
  file.issuer().erase("audience");
  file.issuer()["jwks_file"] = "/nonexistent/jwks.json";
  file.zoom_app()["token_url"] = "zoom.us/oauth/token";
  file.zoom_app()["expected_scopes"] = {"user:read:user", "two scopes"};
  file.zoom_app()["authorization_parameters"] = {{"state", "x"}, {"prompt", "login"}};
  file.zoom_app()["client_authentication"] = "private_key_jwt";

  CHECK(file.BadFields() == Paths{"colour", "origins[0]", "project_id", "settings_url",
                                  "token_issuers[0].audience", "token_issuers[0].jwks_file",
                                  "zoom_app.authorization_parameters.state",
                                  "zoom_app.client_authentication", "zoom_app.expected_scopes[1]",
                                  "zoom_app.token_url"});
}

TEST_CASE("A project id is 1 to 63 of a to z, 0 to 9 and hyphen") {
  ProjectsFile file;
  for (const std::string& good : {std::string("a"), std::string("eu-1"), std::string(63, 'x')}) {
    file.project()["project_id"] = good;
    CHECK(file.BadFields().empty());
  }
  for (const std::string& bad : {std::string(), std::string("A"), std::string("a b"),
                                 std::string("é"), std::string(64, 'x')}) {
    CAPTURE(bad);
    file.project()["project_id"] = bad;
    CHECK(file.BadFields() == Paths{"project_id"});
  }
}

TEST_CASE("A project id, a client id and an issuer belong to one project each") {
  ProjectsFile file;
  file.Duplicate();
  CHECK(file.BadFields() == Paths{"projects[1].project_id", "projects[1].zoom_app.client_id"});

  file.project(1)["project_id"] = "second";
  file.zoom_app(1)["client_id"] = "client-2";
  CHECK(file.BadFields().empty());

  json::array& issuers = file.project(1)["token_issuers"].as_array();
  issuers.push_back(json::value(issuers[0]));
  CHECK(file.BadFields() == Paths{"projects[1].token_issuers[1].issuer"});
}

TEST_CASE("An issuer has keys by URL or by file") {
  ProjectsFile file;
  file.issuer().erase("jwks_file");
  CHECK(file.BadFields() == Paths{"token_issuers[0].jwks_file"});

  file.issuer()["jwks_url"] = "https://issuer.example/jwks.json";
  const auto projects = file.Load();
  REQUIRE_THAT(projects, IsOk());
  CHECK(projects->front().token_issuers[0].jwks_url == "https://issuer.example/jwks.json");
  CHECK(projects->front().token_issuers[0].jwks.empty());
}

TEST_CASE("Plain http on loopback needs to be allowed") {
  ProjectsFile file;
  file.zoom_app()["token_url"] = "http://127.0.0.1:9000/oauth/token";

  CHECK(file.BadFields().empty());
  CHECK(file.BadFields({.read_secrets = true, .allow_http_on_loopback = false}) ==
        Paths{"zoom_app.token_url"});
}

TEST_CASE("The API's base URL loses the slash at its end") {
  ProjectsFile file;
  file.zoom_app()["api_base_url"] = "https://api.zoom.us/v2/";

  const auto projects = file.Load();

  REQUIRE_THAT(projects, IsOk());
  CHECK(projects->front().zoom_app.api_base_url == "https://api.zoom.us/v2");
}

TEST_CASE("A file without projects, origins or issuers is incomplete") {
  ProjectsFile file;
  file.project()["origins"] = json::array();
  file.project()["token_issuers"] = json::array();
  CHECK(file.BadFields() == Paths{"origins", "token_issuers"});

  file.Clear();
  CHECK(file.BadFields() == Paths{"projects"});
}

TEST_CASE("No problem quotes a secret") {
  ProjectsFile file;
  file.zoom_app()["token_url"] = "bad";

  const auto projects = file.Load();

  CHECK_THAT(projects, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(std::string(projects.status().message()).find("the secret") == std::string::npos);
}

}  // namespace
}  // namespace shodan::projects
