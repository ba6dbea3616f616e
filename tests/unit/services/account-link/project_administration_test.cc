// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/project_administration.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;

// The public key of RFC 8037 appendix A.2.
constexpr char kJwks[] =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","alg":"EdDSA","use":"sig",)"
    R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

TokenIssuer AnIssuer() {
  return {.issuer = "https://issuer.example",
          .audience = "shodan-pro",
          .jwks_url = "",
          .jwks = kJwks,
          .user_claim = "sub",
          .name_claim = "name",
          .role_claim = "roles",
          .admin_role = "admin"};
}

class OneProject final : public ProjectSettingsStore {
 public:
  absl::StatusOr<std::optional<ProjectSettings>> FindSettings(const std::string& project_id,
                                                              Deadline) override {
    if (project_id != stored.project.project_id) return std::optional<ProjectSettings>();
    return std::optional<ProjectSettings>(stored);
  }
  absl::StatusOr<ProjectSettings> Replace(const Project& project, const std::string& etag,
                                          const std::vector<std::string>& done, const Actor&,
                                          Deadline) override {
    CHECK(etag == stored.etag);
    stored.project = project;
    stored.etag += "+";
    actions = done;
    return stored;
  }

  ProjectSettings stored{.project = {.project_id = "demo",
                                     .display_name = "Shodan Pro",
                                     .settings_url = "https://app.example/settings",
                                     .origins = {"https://app.example"},
                                     .token_issuers = {AnIssuer()}},
                         .updated_at = {},
                         .etag = "1"};
  std::vector<std::string> actions;
};

struct World {
  OneProject store;
  ProjectAdministration administration{store, /*allow_http_on_loopback=*/false};
  const CallScope scope{.actor = {.name = "admin:a", .caller = {}, .request_id = {}},
                        .deadline = Deadline::After(std::chrono::seconds(5))};

  absl::StatusOr<ProjectSettings> Update(ProjectChange change, const std::string& etag = "1") {
    return administration.Update("demo", etag, std::move(change), RequestCheck(), scope);
  }
  /// "field:REASON …" of a refused update.
  std::string Problems(ProjectChange change, const std::string& etag = "1") {
    const auto updated = Update(std::move(change), etag);
    CHECK_THAT(updated, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    std::string problems;
    for (const FieldViolation& field : FieldsOf(updated.status())) {
      problems += (problems.empty() ? "" : " ") + field.field + ":" + field.reason;
    }
    CHECK(store.actions.empty());
    return problems;
  }
  std::string IssuerProblems(TokenIssuer issuer) {
    ProjectChange change;
    change.token_issuers = {std::move(issuer)};
    return Problems(std::move(change));
  }
};

TEST_CASE_METHOD(World, "an update changes what it names and audits that alone",
                 "[account-link][projects]") {
  ProjectChange change;
  change.display_name = "Shodan Pro Japan";
  change.origins = {"https://app.example", "https://beta.example"};

  const auto updated = Update(std::move(change));

  REQUIRE_THAT(updated, IsOk());
  CHECK(updated->project.display_name == "Shodan Pro Japan");
  CHECK(updated->project.settings_url == "https://app.example/settings");
  CHECK(updated->etag == "1+");
  CHECK(store.actions ==
        std::vector<std::string>{"project.display_name_replaced", "project.origins_replaced"});
}

TEST_CASE_METHOD(World, "an update to what is there already changes nothing",
                 "[account-link][projects]") {
  ProjectChange change;
  change.display_name = "Shodan Pro";
  change.token_issuers = {AnIssuer()};

  REQUIRE_THAT(Update(std::move(change)), IsOk());
  CHECK(store.actions.empty());
  CHECK(store.stored.etag == "1");
}

TEST_CASE_METHOD(World, "an update needs the present etag and an existing project",
                 "[account-link][projects]") {
  ProjectChange change;
  change.display_name = "x";
  CHECK(Problems(change, "") == "etag:REQUIRED");
  CHECK_THAT(Update(change, "0"), IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  CHECK_THAT(administration.Update("other", "1", change, RequestCheck(), scope),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  CHECK_THAT(administration.Get("other", scope),
             IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
}

TEST_CASE_METHOD(World,
                 "URLs and origins follow the rules of the projects file, each bad one named",
                 "[account-link][projects]") {
  ProjectChange change;
  change.display_name = "";
  change.settings_url = "http://app.example/settings";
  change.origins = {"https://app.example", "https://app.example/", "https://APP.example",
                    "https://app.example"};
  CHECK(Problems(std::move(change)) ==
        "displayName:REQUIRED settingsUrl:MALFORMED origins[1]:MALFORMED origins[2]:MALFORMED "
        "origins[3]:NOT_ALLOWED");

  ProjectChange none;
  none.origins.emplace();
  none.token_issuers.emplace();
  CHECK(Problems(std::move(none)) == "origins:REQUIRED tokenIssuers:REQUIRED");
}

TEST_CASE_METHOD(World, "an issuer needs names, keys that can be read, and somebody to administer",
                 "[account-link][projects]") {
  TokenIssuer issuer = AnIssuer();
  issuer.issuer = "";
  issuer.user_claim = "";
  issuer.jwks = "{}";
  CHECK(IssuerProblems(issuer) ==
        "tokenIssuers[0].issuer:REQUIRED tokenIssuers[0].userClaim:REQUIRED "
        "tokenIssuers[0].jwks:MALFORMED");

  issuer = AnIssuer();
  issuer.jwks = "";
  CHECK(IssuerProblems(issuer) == "tokenIssuers[0].jwksUrl:REQUIRED");
  issuer.jwks_url = "http://issuer.example/keys";
  CHECK(IssuerProblems(issuer) == "tokenIssuers[0].jwksUrl:MALFORMED");

  issuer = AnIssuer();
  issuer.admin_role = "";
  CHECK(IssuerProblems(issuer) == "tokenIssuers:NOT_ALLOWED");

  ProjectChange twice;
  twice.token_issuers = {AnIssuer(), AnIssuer()};
  CHECK(Problems(std::move(twice)) == "tokenIssuers[1].issuer:NOT_ALLOWED");
}

}  // namespace
}  // namespace shodan::account_link
