// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/project_directory.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"
#include "tests/unit/services/gateway/fake_account_link.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsError;
using testing::IsOk;

struct Fixture {
  ProjectsOnly accounts;
  steady_clock::time_point now{seconds(100'000)};
  ProjectDirectory directory{accounts, {}, [this] { return now; }};

  Fixture() { Answer("first"); }
  void Answer(const std::string& name) {
    accounts.answer = [name](const std::string& id) {
      Project project;
      project.project_id = id;
      project.display_name = name;
      return absl::StatusOr<Project>(project);
    };
  }
  void Fail(absl::Status status) {
    accounts.answer = [status](const std::string&) { return absl::StatusOr<Project>(status); };
  }
  absl::StatusOr<KnownProjectPtr> Get() { return RunCoroutine(directory.Get("demo", AnyCall())); }
  std::string Name() {
    const auto project = Get();
    return project.ok() ? (*project)->project.display_name : ReasonOf(project.status());
  }
};

TEST_CASE("A project is asked for once in 30 seconds") {
  Fixture f;
  CHECK(f.Name() == "first");
  f.Answer("second");
  f.now += seconds(29);
  CHECK(f.Name() == "first");
  CHECK(f.accounts.calls == 1);

  f.now += seconds(1);
  CHECK(f.Name() == "second");
  CHECK(f.accounts.calls == 2);
}

TEST_CASE("While account-link is down the last answer serves for five minutes, not longer") {
  Fixture f;
  REQUIRE(f.Name() == "first");
  f.Fail(Unavailable("DATABASE_UNAVAILABLE", "down"));

  f.now += seconds(299);
  CHECK(f.Name() == "first");
  f.now += seconds(1);
  CHECK(f.Name() == "DATABASE_UNAVAILABLE");
}

TEST_CASE("An outage at the beginning is told and not remembered") {
  Fixture f;
  f.Fail(Unavailable("DATABASE_UNAVAILABLE", "down"));
  CHECK(f.Name() == "DATABASE_UNAVAILABLE");
  f.Answer("first");
  CHECK(f.Name() == "first");
}

TEST_CASE("An unknown project is remembered for a few seconds only") {
  Fixture f;
  f.Fail(NotFound("PROJECT_NOT_FOUND", "none"));
  CHECK_THAT(f.Get(), IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  CHECK_THAT(f.Get(), IsError(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND"));
  CHECK(f.accounts.calls == 1);

  f.now += seconds(5);
  f.Answer("new");
  CHECK(f.Name() == "new");
}

TEST_CASE("A project that was removed is gone at the next look") {
  Fixture f;
  REQUIRE(f.Name() == "first");
  f.Fail(NotFound("PROJECT_NOT_FOUND", "none"));
  f.now += seconds(30);
  CHECK(f.Name() == "PROJECT_NOT_FOUND");
}

TEST_CASE("Keys given inline are parsed, broken ones count as none") {
  Fixture f;
  f.accounts.answer = [](const std::string&) {
    Project project;
    project.token_issuers.resize(3);
    project.token_issuers[0].jwks = R"({"keys":[]})";
    project.token_issuers[1].jwks = "broken";
    project.token_issuers[2].jwks_url = "https://issuer.example/jwks";
    return absl::StatusOr<Project>(project);
  };
  const auto project = f.Get();
  REQUIRE_THAT(project, IsOk());
  REQUIRE((*project)->inline_keys.size() == 3);
  CHECK((*project)->inline_keys[0].has_value());
  CHECK_FALSE((*project)->inline_keys[1].has_value());
  CHECK_FALSE((*project)->inline_keys[2].has_value());
}

}  // namespace
}  // namespace shodan::gateway
