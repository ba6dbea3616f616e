// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/claims.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::jwt {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

constexpr system_clock::time_point kNow{seconds(1'700'000'000)};

ClaimRules Rules() {
  ClaimRules rules;
  rules.issuer = "https://issuer.example";
  rules.audience = "shodan-pro";
  return rules;
}

std::string Payload(std::string_view more) {
  return std::string(R"({"iss":"https://issuer.example","aud":"shodan-pro",)")
      .append(more)
      .append("}");
}

std::string ReasonFor(const std::string& payload, const ClaimRules& rules = Rules()) {
  return ReasonOf(Claims::Check(payload, rules, kNow).status());
}

TEST_CASE("Claims::Check accepts a token within its life and reads its claims") {
  const auto claims = Claims::Check(
      Payload(
          R"("sub":"ann","roles":["admin","sales"],"role":"admin","exp":1700000100.5,"iat":1700000000)"),
      Rules(), kNow);

  REQUIRE(claims.ok());
  CHECK(claims->String("sub") == "ann");
  CHECK(claims->String("missing").empty());
  CHECK(claims->String("roles").empty());
  CHECK(claims->Strings("roles") == std::vector<std::string>{"admin", "sales"});
  CHECK(claims->Strings("role") == std::vector<std::string>{"admin"});
  CHECK(claims->expire_time() == system_clock::time_point(seconds(1'700'000'100)));
}

TEST_CASE("Claims::Check accepts a list of audiences that contains ours") {
  CHECK(
      Claims::Check(R"({"iss":"https://issuer.example","aud":["a","shodan-pro"],"exp":1700000100})",
                    Rules(), kNow)
          .ok());
}

TEST_CASE("Claims::Check refuses another issuer and another audience") {
  CHECK(ReasonFor(R"({"iss":"https://issuer.example/","aud":"shodan-pro","exp":1700000100})") ==
        "TOKEN_ISSUER_UNKNOWN");
  CHECK(ReasonFor(R"({"aud":"shodan-pro","exp":1700000100})") == "TOKEN_ISSUER_UNKNOWN");
  CHECK(ReasonFor(R"({"iss":"https://issuer.example","aud":"other","exp":1700000100})") ==
        "TOKEN_AUDIENCE_MISMATCH");
  CHECK(ReasonFor(R"({"iss":"https://issuer.example","exp":1700000100})") ==
        "TOKEN_AUDIENCE_MISMATCH");
  CHECK(ReasonFor(R"({"iss":"https://issuer.example","aud":["shodan-pro",1],"exp":1700000100})") ==
        "TOKEN_AUDIENCE_MISMATCH");
}

TEST_CASE("Claims::Check allows the leeway and not more at both ends of a token's life") {
  CHECK(Claims::Check(Payload(R"("exp":1699999971)"), Rules(), kNow).ok());
  CHECK(ReasonFor(Payload(R"("exp":1699999970)")) == "TOKEN_EXPIRED");
  CHECK(Claims::Check(Payload(R"("exp":1700000100,"nbf":1700000030)"), Rules(), kNow).ok());
  CHECK(ReasonFor(Payload(R"("exp":1700000100,"nbf":1700000031)")) == "TOKEN_NOT_YET_VALID");
  CHECK(ReasonFor(Payload(R"("exp":1700000100,"iat":1700000031)")) == "TOKEN_NOT_YET_VALID");
}

TEST_CASE("Claims::Check requires exp and takes only numbers for dates") {
  for (const char* claims : {R"("a":1)", R"("exp":"1700000100")", R"("exp":-1)", R"("exp":null)",
                             R"("exp":1700000100,"nbf":"x")", R"("exp":1700000100,"iat":[])"}) {
    CHECK(ReasonFor(Payload(claims)) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("Claims::Check takes an end beyond the clock's range as far away") {
  CHECK(Claims::Check(Payload(R"("exp":1e300)"), Rules(), kNow).ok());
}

TEST_CASE("Claims::Check bounds the life of a token when the rules say so") {
  ClaimRules rules = Rules();
  rules.max_lifetime = seconds(60);

  CHECK(Claims::Check(Payload(R"("iat":1700000000,"exp":1700000060)"), rules, kNow).ok());
  CHECK(ReasonFor(Payload(R"("iat":1700000000,"exp":1700000061)"), rules) == "TOKEN_MALFORMED");
  CHECK(ReasonFor(Payload(R"("exp":1700000060)"), rules) == "TOKEN_MALFORMED");
}

TEST_CASE("Claims::Check refuses payloads that are no JSON object") {
  for (const char* payload : {"", "[]", "1", "{", "{\"iss\":\"https://issuer.example\"} x"}) {
    CHECK(ReasonFor(payload) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("The issuer can be read before a token is verified") {
  CHECK(PeekUnverifiedIssuer(rfc::kRsaToken) == "joe");
  CHECK(PeekUnverifiedIssuer(rfc::kEdToken).empty());
  CHECK(PeekUnverifiedIssuer("no token").empty());
  CHECK(Claims::PeekIssuer(R"({"iss":7})").empty());
}

}  // namespace
}  // namespace shodan::jwt
