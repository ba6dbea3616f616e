// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/session_verifier.h"

#include <catch2/catch.hpp>

#include "services/gateway/auth/session_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/libs/jwt/rfc_examples.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::IsError;
using testing::IsOk;

constexpr system_clock::time_point kNow{seconds(1'700'000'000)};

class NoHttps final : public HttpsClient {
 public:
  HttpsOutcome Send(const HttpsRequest&) override {
    ++requests;
    HttpsOutcome outcome;
    outcome.status = 200;
    outcome.body = Secret(body);
    return outcome;
  }
  int requests = 0;
  std::string body = R"({"keys":[]})";
};

struct Fixture {
  jwt::SigningKey key = *jwt::SigningKey::FromPem(Secret(jwt::rfc::kEdPrivatePem));
  NoHttps https;
  WorkerPool pool{1, 4};
  std::chrono::steady_clock::time_point steady{seconds(1000)};
  KeySetDirectory keys{https, pool, {}, [this] { return steady; }};
  SessionVerifier verifier{keys, [] { return kNow; }};
  std::shared_ptr<KnownProject> project = std::make_shared<KnownProject>();

  Fixture() {
    project->project.project_id = "demo";
    project->project.token_issuers = {
        {"https://issuer.example", "shodan-pro", "", "", "sub", "name", "roles", "admin"}};
    project->inline_keys = {*jwt::KeySet::Parse(jwt::rfc::SetOf(key.PublicJwk()))};
  }

  std::string Token(const std::string& more) const {
    return key.Sign(R"({"iss":"https://issuer.example","aud":"shodan-pro",)" + more + "}");
  }
  absl::StatusOr<Session> Verify(const std::string& token) {
    return RunCoroutine(verifier.Verify(token, project));
  }
};

TEST_CASE("A good token becomes a session") {
  Fixture f;
  const auto session = f.Verify(
      f.Token(R"("sub":"ann","name":"Ann 山田","roles":["admin","sales"],"exp":1700000600)"));

  REQUIRE_THAT(session, IsOk());
  CHECK(session->project_id == "demo");
  CHECK(session->user_id == "ann");
  CHECK(session->display_name == "Ann 山田");
  CHECK(session->admin);
  CHECK(session->expire_time == kNow + seconds(600));
}

TEST_CASE(
    "Without a name the user id stands for it, and without the role nobody is an administrator") {
  Fixture f;
  const auto session = f.Verify(f.Token(R"("sub":"bob","roles":"sales","exp":1700000600)"));

  REQUIRE_THAT(session, IsOk());
  CHECK(session->display_name == "bob");
  CHECK_FALSE(session->admin);
}

TEST_CASE("A token that has ended says so") {
  Fixture f;
  CHECK_THAT(f.Verify(f.Token(R"("sub":"ann","exp":1699999000)")),
             IsError(absl::StatusCode::kUnauthenticated, "SESSION_EXPIRED"));
}

TEST_CASE("Tokens of other issuers, audiences and keys, and without a user, are refused alike") {
  Fixture f;
  const std::string good = f.Token(R"("sub":"ann","exp":1700000600)");
  std::string tampered = good;
  tampered[good.size() - 4] = tampered[good.size() - 4] == 'A' ? 'B' : 'A';
  for (const std::string& token :
       {f.key.Sign(
            R"({"iss":"https://other.example","aud":"shodan-pro","sub":"ann","exp":1700000600})"),
        f.key.Sign(
            R"({"iss":"https://issuer.example","aud":"other","sub":"ann","exp":1700000600})"),
        f.Token(R"("exp":1700000600)"), f.Token(R"("sub":"","exp":1700000600)"),
        f.Token(R"("sub":")" + std::string(256, 'a') + R"(","exp":1700000600)"), tampered,
        std::string("a.b.c"), std::string("x")}) {
    CHECK_THAT(f.Verify(token), IsError(absl::StatusCode::kUnauthenticated, "SESSION_INVALID"));
  }
}

TEST_CASE("A key that the issuer published since is found") {
  Fixture f;
  f.project->inline_keys = {std::nullopt};
  f.project->project.token_issuers[0].jwks_url = "https://issuer.example/jwks";
  const std::string token = f.Token(R"("sub":"ann","exp":1700000600)");
  CHECK_FALSE(f.Verify(token).ok());
  f.https.body = jwt::rfc::SetOf(f.key.PublicJwk());
  f.steady += seconds(30);

  CHECK_THAT(f.Verify(token), IsOk());
}

TEST_CASE("The bearer token goes before the cookie, and other schemes count as none") {
  http::RequestHead head;
  head.fields.Add("Cookie", "a=b; __Host-shodan-session=cookie");
  CHECK(FindSessionToken(head).text == "cookie");
  CHECK_FALSE(FindSessionToken(head).bearer);
  head.fields.Set("Authorization", "bearer  token ");
  CHECK(FindSessionToken(head).text == "token");
  CHECK(FindSessionToken(head).bearer);
  head.fields.Set("Authorization", "Basic dXNlcjpwYXNz");
  CHECK(FindSessionToken(head).text == "cookie");

  Fixture f;
  CHECK_THAT(RunCoroutine(ReadSession(f.verifier, SessionToken{}, f.project)),
             IsError(absl::StatusCode::kUnauthenticated, "SESSION_REQUIRED"));
}

}  // namespace
}  // namespace shodan::gateway
