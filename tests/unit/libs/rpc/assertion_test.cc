// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/assertion.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "tests/support/status_matchers.h"

namespace shodan::rpc {
namespace {

using std::chrono::seconds;
using testing::IsError;
using testing::IsOk;

constexpr std::chrono::system_clock::time_point kNow{seconds(1'800'000'000)};

// The key of RFC 8037 A.1, and another one.
constexpr std::string_view kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kOtherPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIExNCQ13EV9YPKUuzOEEb5VsRmDXfSXBs1EyemaoKPtS\n"
    "-----END PRIVATE KEY-----\n";

jwt::SigningKey KeyOf(std::string_view pem) {
  auto key = jwt::SigningKey::FromPem(Secret(pem));
  REQUIRE_THAT(key, IsOk());
  return *std::move(key);
}

jwt::KeySet SetOf(const jwt::SigningKey& key) {
  auto keys = jwt::KeySet::Parse(R"({"keys":[)" + key.PublicJwk() + "]}");
  REQUIRE_THAT(keys, IsOk());
  return *std::move(keys);
}

Assertion Hanako() {
  Assertion assertion;
  assertion.audience = "account-link";
  assertion.project_id = "demo";
  assertion.user_id = "hanako";
  return assertion;
}

/// The assertion's claims as the gateway writes them, with one of them replaced.
std::string Claims(const std::string& replaced = "", const std::string& by = "") {
  std::string claims;
  for (const auto& [name, value] :
       {std::pair("iss", R"("gateway")"), std::pair("aud", R"("account-link")"),
        std::pair("iat", "1800000000"), std::pair("exp", "1800000060"),
        std::pair("prj", R"("demo")"), std::pair("sub", R"("hanako")"), std::pair("scp", "[]"),
        std::pair("adm", R"("no")")}) {
    const std::string present = name == replaced ? by : value;
    if (present.empty()) continue;
    claims += (claims.empty() ? "{\"" : ",\"") + std::string(name) + "\":" + present;
  }
  return claims + "}";
}

auto Verify(const std::string& token, std::chrono::system_clock::time_point now = kNow) {
  return VerifyAssertion(token, SetOf(KeyOf(kPem)), "account-link", now);
}

TEST_CASE("An assertion says who is behind a call, and nothing is lost on the way") {
  Assertion assertion = Hanako();
  assertion.scopes = {"calls.read", "calls.write"};
  assertion.admin = true;

  const auto verified = Verify(SignAssertion(KeyOf(kPem), assertion, kNow));

  REQUIRE_THAT(verified, IsOk());
  CHECK(verified->audience == "account-link");
  CHECK(verified->project_id == "demo");
  CHECK(verified->user_id == "hanako");
  CHECK(verified->scopes == std::vector<std::string>{"calls.read", "calls.write"});
  CHECK(verified->admin);
}

TEST_CASE("An assertion carries no role and no scope unless it says so") {
  const auto verified = Verify(SignAssertion(KeyOf(kPem), Hanako(), kNow));

  REQUIRE_THAT(verified, IsOk());
  CHECK(verified->scopes.empty());
  CHECK_FALSE(verified->admin);
}

TEST_CASE("An assertion is a JWT of its own type, signed with Ed25519") {
  const jwt::SigningKey key = KeyOf(kPem);

  const std::string token = SignAssertion(key, Hanako(), kNow);

  const size_t first = token.find('.');
  CHECK(Base64UrlDecode(token.substr(0, first)) ==
        R"({"alg":"EdDSA","kid":")" + key.kid() + R"(","typ":"shodan-assertion+jwt"})");
  CHECK(Base64UrlDecode(token.substr(first + 1, token.rfind('.') - first - 1)) ==
        R"({"iss":"gateway","aud":"account-link","iat":1800000000,"exp":1800000060,)"
        R"("prj":"demo","sub":"hanako","scp":[],"adm":"no"})");
}

TEST_CASE(
    "An assertion is about a person or about an API key, and an API key is no administrator") {
  Assertion assertion = Hanako();
  assertion.user_id = "";
  assertion.api_key_id = "key-1";
  assertion.scopes = {"token.read"};
  const auto verified = Verify(SignAssertion(KeyOf(kPem), assertion, kNow));
  REQUIRE_THAT(verified, IsOk());
  CHECK(verified->api_key_id == "key-1");
  CHECK(verified->user_id.empty());
  CHECK(verified->scopes == std::vector<std::string>{"token.read"});

  const auto refused = IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID");
  assertion.admin = true;
  CHECK_THAT(Verify(SignAssertion(KeyOf(kPem), assertion, kNow)), refused);
  assertion.admin = false;
  assertion.user_id = "hanako";
  CHECK_THAT(Verify(SignAssertion(KeyOf(kPem), assertion, kNow)), refused);
  assertion.user_id = assertion.api_key_id = "";
  CHECK_THAT(Verify(SignAssertion(KeyOf(kPem), assertion, kNow)), refused);
}

TEST_CASE("An assertion ends after sixty seconds, with five more for clocks that differ") {
  const std::string token = SignAssertion(KeyOf(kPem), Hanako(), kNow);

  CHECK_THAT(Verify(token, kNow + seconds(64)), IsOk());
  CHECK_THAT(Verify(token, kNow + seconds(65)),
             IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
  CHECK_THAT(Verify(token, kNow - seconds(5)), IsOk());
  CHECK_THAT(Verify(token, kNow - seconds(6)),
             IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
}

TEST_CASE("An assertion for another service is refused") {
  Assertion assertion = Hanako();
  assertion.audience = "token-vault";

  CHECK_THAT(Verify(SignAssertion(KeyOf(kPem), assertion, kNow)),
             IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
}

TEST_CASE("An assertion signed with another key is refused, whatever key it names") {
  const std::string token = SignAssertion(KeyOf(kOtherPem), Hanako(), kNow);
  CHECK_THAT(Verify(token), IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));

  const std::string ours = SignAssertion(KeyOf(kPem), Hanako(), kNow);
  const std::string forged = ours.substr(0, ours.find('.')) + token.substr(token.find('.'));
  CHECK_THAT(Verify(forged), IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
}

TEST_CASE("During a change of keys the next key is as good as the present one") {
  const jwt::SigningKey present = KeyOf(kPem);
  const jwt::SigningKey next = KeyOf(kOtherPem);
  auto keys =
      jwt::KeySet::Parse(R"({"keys":[)" + present.PublicJwk() + "," + next.PublicJwk() + "]}");
  REQUIRE_THAT(keys, IsOk());

  for (const jwt::SigningKey* key : {&present, &next}) {
    CHECK_THAT(VerifyAssertion(SignAssertion(*key, Hanako(), kNow), *keys, "account-link", kNow),
               IsOk());
  }
}

TEST_CASE("Every claim of an assertion is needed, of the right kind, and in its bounds") {
  const jwt::SigningKey key = KeyOf(kPem);
  REQUIRE_THAT(Verify(key.Sign(Claims())), IsOk());
  const std::pair<std::string, std::string> cases[] = {
      {"iss", ""},
      {"iss", R"("account-link")"},
      {"iss", R"(["gateway"])"},
      {"aud", ""},
      {"aud", "1"},
      {"aud", R"("")"},
      {"exp", ""},
      {"exp", R"("1800000060")"},
      {"exp", "1800000061"},  // lives longer than 60 s
      {"exp", "-1"},
      {"exp", "1e400"},
      {"iat", ""},  // its life could be any
      {"iat", R"("1800000000")"},
      {"iat", "1799999999"},
      {"iat", "1800000006"},
      {"prj", ""},
      {"prj", R"("")"},
      {"prj", "1"},
      {"sub", ""},
      {"sub", R"("")"},
      {"sub", R"(["hanako"])"},
  };
  for (const auto& [claim, value] : cases) {
    CAPTURE(claim, value);
    CHECK_THAT(Verify(key.Sign(Claims(claim, value))),
               IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
  }
}

TEST_CASE("Only the word yes makes an administrator") {
  const jwt::SigningKey key = KeyOf(kPem);
  for (const char* value : {"true", "1", R"("true")", R"("YES")", R"(["yes"])", "null"}) {
    CAPTURE(value);
    const auto verified = Verify(key.Sign(Claims("adm", value)));

    REQUIRE_THAT(verified, IsOk());
    CHECK_FALSE(verified->admin);
  }
}

TEST_CASE("What is no token is refused") {
  const std::string token = SignAssertion(KeyOf(kPem), Hanako(), kNow);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(".."), token.substr(0, token.size() - 1),
        token + "A", token + ".", std::string(20'000, 'x')}) {
    CAPTURE(text);
    CHECK_THAT(Verify(text), IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_INVALID"));
  }
}

}  // namespace
}  // namespace shodan::rpc
