// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/jws.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::jwt {
namespace {

KeySet Keys(std::string_view jwk) { return *KeySet::Parse(rfc::SetOf(jwk)); }

std::string WithMembers(std::string_view jwk, std::string_view members) {
  std::string out(jwk.substr(0, jwk.size() - 1));
  return out.append(",").append(members).append("}");
}

std::string WithHeader(std::string_view token, std::string_view header) {
  return Base64UrlEncode(header).append(token.substr(token.find('.')));
}

TEST_CASE("VerifyJws accepts the RS256 example of RFC 7515 A.2") {
  const auto payload = VerifyJws(rfc::kRsaToken, Keys(rfc::kRsaJwk));

  REQUIRE(payload.ok());
  CHECK(*payload == rfc::kClaims);
}

TEST_CASE("VerifyJws accepts the ES256 example of RFC 7515 A.3") {
  const auto payload = VerifyJws(rfc::kEcToken, Keys(rfc::kEcJwk));

  REQUIRE(payload.ok());
  CHECK(*payload == rfc::kClaims);
}

TEST_CASE("VerifyJws accepts the EdDSA example of RFC 8037 A.4") {
  const auto payload = VerifyJws(rfc::kEdToken, Keys(rfc::kEdJwk));

  REQUIRE(payload.ok());
  CHECK(*payload == "Example of Ed25519 signing");
}

TEST_CASE("VerifyJws refuses a token in which any character of the signature is changed") {
  for (const auto& [token, jwk] :
       {std::pair(rfc::kRsaToken, rfc::kRsaJwk), std::pair(rfc::kEcToken, rfc::kEcJwk),
        std::pair(rfc::kEdToken, rfc::kEdJwk)}) {
    const KeySet keys = Keys(jwk);
    for (size_t i = token.rfind('.') + 1; i < token.size(); i += 7) {
      std::string changed(token);
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      const absl::Status status = VerifyJws(changed, keys).status();
      CHECK_FALSE(status.ok());
    }
  }
}

TEST_CASE("VerifyJws refuses a token whose payload was exchanged") {
  std::string token(rfc::kEdToken);
  token.replace(token.find('.') + 1, 4, "AAAA");

  CHECK(ReasonOf(VerifyJws(token, Keys(rfc::kEdJwk)).status()) == "TOKEN_SIGNATURE_INVALID");
}

TEST_CASE("VerifyJws refuses an ES256 signature of two zeros") {
  std::string token(rfc::kEcToken.substr(0, rfc::kEcToken.rfind('.') + 1));
  token += Base64UrlEncode(std::string(64, '\0'));

  CHECK(ReasonOf(VerifyJws(token, Keys(rfc::kEcJwk)).status()) == "TOKEN_SIGNATURE_INVALID");
}

TEST_CASE("VerifyJws refuses algorithms that are none of the three") {
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"RS512"})",
                             R"({"alg":"eddsa"})", R"({"alg":7})", R"({})", R"({"alg":null})"}) {
    const absl::Status status =
        VerifyJws(WithHeader(rfc::kEdToken, header), Keys(rfc::kEdJwk)).status();
    CHECK(ReasonOf(status) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("VerifyJws refuses a token whose algorithm is not the key's") {
  const std::string token = WithHeader(rfc::kRsaToken, R"({"alg":"ES256"})");

  CHECK(ReasonOf(VerifyJws(token, Keys(rfc::kRsaJwk)).status()) == "TOKEN_KEY_UNKNOWN");
}

TEST_CASE("VerifyJws refuses header parameters that bring a key or an extension") {
  for (const char* parameter :
       {R"("crit":["exp"])", R"("b64":false)", R"("jwk":{})", R"("jku":"https://a.example")",
        R"("x5c":[])", R"("x5u":"https://a.example")", R"("kid":1)"}) {
    const std::string header = std::string(R"({"alg":"EdDSA",)").append(parameter).append("}");
    const absl::Status status =
        VerifyJws(WithHeader(rfc::kEdToken, header), Keys(rfc::kEdJwk)).status();
    CHECK(ReasonOf(status) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("VerifyJws refuses texts that are not a JWS in compact form") {
  const std::string huge = std::string(rfc::kEdToken).append(16 * 1024, 'A');
  for (const std::string& token :
       {std::string(), std::string("a"), std::string("a.b"), std::string("a.b.c.d"),
        std::string(".."), std::string(rfc::kEdToken).append("="),
        std::string(" ").append(rfc::kEdToken), huge}) {
    CHECK(ReasonOf(VerifyJws(token, Keys(rfc::kEdJwk)).status()) == "TOKEN_MALFORMED");
  }
}

TEST_CASE("VerifyJws tries only the key that the token names") {
  const KeySet named = Keys(WithMembers(rfc::kEdJwk, R"("kid":"one")"));

  const std::string other = WithHeader(rfc::kEdToken, R"({"alg":"EdDSA","kid":"two"})");
  CHECK(ReasonOf(VerifyJws(other, named).status()) == "TOKEN_KEY_UNKNOWN");
  const std::string right = WithHeader(rfc::kEdToken, R"({"alg":"EdDSA","kid":"one"})");
  CHECK(ReasonOf(VerifyJws(right, named).status()) == "TOKEN_SIGNATURE_INVALID");
}

TEST_CASE("KeySet finds a key by its id") {
  const KeySet keys = Keys(WithMembers(rfc::kEcJwk, R"("kid":"one","use":"sig","alg":"ES256")"));

  CHECK(keys.size() == 1);
  CHECK(keys.HasKey("one"));
  CHECK_FALSE(keys.HasKey("two"));
}

TEST_CASE("KeySet skips keys that cannot verify one of the three algorithms") {
  const std::string x(Base64UrlEncode(std::string(32, '\1')));
  for (const std::string& jwk :
       {WithMembers(rfc::kRsaJwk, R"("use":"enc")"), WithMembers(rfc::kRsaJwk, R"("alg":"RS512")"),
        WithMembers(rfc::kEcJwk, R"("alg":"EdDSA")"),
        WithMembers(rfc::kEdJwk, R"("key_ops":["sign"])"),
        std::string(R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})"),
        std::string(R"({"kty":"EC","crv":"P-256","x":")")
            .append(x)
            .append(R"(","y":")")
            .append(x)
            .append(R"("})"),
        std::string(
            R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
        std::string(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), std::string(R"({"kty":"RSA"})"),
        std::string(R"({"kty":1})"), std::string("{}")}) {
    const auto keys = KeySet::Parse(rfc::SetOf(jwk));
    REQUIRE(keys.ok());
    CHECK(keys->size() == 0);
  }
}

TEST_CASE("KeySet refuses documents that are not a JWK Set or hold private members") {
  std::string many;
  for (int i = 0; i < 101; ++i) many.append(i == 0 ? "{}" : ",{}");
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
        std::string(R"({"keys":[1]})"), rfc::SetOf(many),
        rfc::SetOf(
            WithMembers(rfc::kEdJwk, R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")")),
        rfc::SetOf(R"({"kty":"oct","k":"AAAA"})"), std::string(256 * 1024 + 1, ' ')}) {
    CHECK(ReasonOf(KeySet::Parse(json).status()) == "JWKS_INVALID");
  }
}

}  // namespace
}  // namespace shodan::jwt
