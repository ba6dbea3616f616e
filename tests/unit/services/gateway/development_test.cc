// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "libs/jwt/claims.h"
#include "services/gateway/handlers/callback_handler.h"
#include "services/gateway/handlers/development_handlers.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::gateway {
namespace {

TEST_CASE("After signing in the browser goes to a path below /app/ and nowhere else") {
  for (const char* path : {"/app/", "/app/companies/acme?tab=calls", "/app/settings/integrations",
                           "/app/people/a%20b"}) {
    CHECK(SafeReturnTo(path) == path);
  }
  for (const char* path :
       {"", "/", "/application", "https://evil.example/app/", "//evil.example/app/",
        "/app/../dev/login", "/app/%2e%2e/x", "/app//evil.example", "/app/\\evil", "\\app\\",
        "/app/\r\nSet-Cookie: a=b", "/app/\t/evil", " /app/", "/app/a b", "javascript:alert(1)",
        "/app/\xE5\xB1\xB1", "/app/%00"}) {
    CHECK(SafeReturnTo(path) == "/app/");
  }
  CHECK(SafeReturnTo("/app/" + std::string(3000, 'a')) == "/app/");
}

TEST_CASE("The development issuer signs twelve hours with the claims the project wants") {
  const jwt::SigningKey key = *jwt::SigningKey::FromPem(Secret(jwt::rfc::kEdPrivatePem));
  const DevelopmentIssuer issuer(key, "https://localhost:8443/dev", {{"ann", "Ann", {"admin"}}});
  const TokenIssuer trusted{
      "https://localhost:8443/dev", "shodan-pro", "", "", "uid", "nick", "groups", "admin"};
  const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));

  const std::string token = issuer.Sign(*issuer.Find("ann"), trusted, now);

  const auto payload = jwt::VerifyJws(token, *jwt::KeySet::Parse(jwt::rfc::SetOf(key.PublicJwk())));
  REQUIRE_THAT(payload, testing::IsOk());
  jwt::ClaimRules rules;
  rules.issuer = "https://localhost:8443/dev";
  rules.audience = "shodan-pro";
  const auto claims = jwt::Claims::Check(*payload, rules, now);
  REQUIRE_THAT(claims, testing::IsOk());
  CHECK(claims->String("uid") == "ann");
  CHECK(claims->String("nick") == "Ann");
  CHECK(claims->Strings("groups") == std::vector<std::string>{"admin"});
  CHECK(claims->expire_time() == now + std::chrono::hours(12));
  CHECK(issuer.Find("bob") == nullptr);
}

TEST_CASE("Each state has an attempt cookie of its own") {
  // printf 'state' | sha256sum
  CHECK(AttemptCookieName("state") == "__Host-shodan-attempt-4ba69735ca53765e");
  CHECK(AttemptCookieName("state2") != AttemptCookieName("state"));
}

}  // namespace
}  // namespace shodan::gateway
