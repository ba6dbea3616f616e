// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/jwe.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "tests/support/status_matchers.h"

namespace shodan::jwt {
namespace {

// The private key of the recipient in RFC 7518 appendix C, as PKCS#8.
constexpr char kBob[] =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdyhRA"
    "NCAATB40nLYexwJIzoAQNMODThuI6+EWHLJa84dB94X8/ExHvJZwjvgJUrU/jSVV/nK4Qe0EWIYosdN4pZSTlQDsnJ";

// Made with `jose jwe enc` (the package "jose", version 11) for that key.
constexpr char kEnvelope[] =
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6Im"
    "ZWYWd3SVZhTHc2T2ZyRVdxcE9HZ0RuV2xUTnlhSWxpcGRZYS1hWl9hQTgiLCJ5IjoiNGp6ZENKQlJCcVpxd29iZFJUUE93"
    "NzFON25tM3FLQzJzRzE1Y2ZZZGlhRSJ9LCJraWQiOiI2ZjFiMGM1ZS04ZjdhLTRmMGUtOWQ1My0wYTRmN2EzZjBiMTEifQ"
    "..Jd7ARQ3vFA81xutQ.2wjwQ5cahro86TUEVR4IfjW6kaDsJOJ0fh0SxK2K5gH7egQED7ujvMeRSMtpETvaGwdillQWOKy"
    "YMbw.i9re0emVvuzcScDOtOs8Ww";
constexpr char kContent[] = R"({"userId":"hanako.suzuki","refreshToken":"a refresh token"})";

DecryptionKey Bob() {
  absl::StatusOr<DecryptionKey> key = DecryptionKey::FromPkcs8(Secret(*Base64Decode(kBob)));
  REQUIRE(key.ok());
  return *std::move(key);
}

// The envelope with another header; its content cannot be authenticated any more.
std::string WithHeader(const std::string& header) {
  const std::string envelope = kEnvelope;
  return Base64UrlEncode(header) + envelope.substr(envelope.find('.'));
}

std::string HeaderOf(const std::string& envelope) {
  return *Base64UrlDecode(std::string_view(envelope).substr(0, envelope.find('.')));
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the Concat KDF gives the key of RFC 7518 appendix C", "[jwt]") {
  const unsigned char agreed[] = {158, 86,  217, 29,  129, 113, 53,  211, 114, 131, 66,
                                  131, 191, 132, 38,  156, 251, 49,  110, 163, 218, 128,
                                  106, 72,  246, 218, 167, 121, 140, 254, 144, 196};
  const Secret key =
      ConcatKdf(Secret(std::string_view(reinterpret_cast<const char*>(agreed), sizeof agreed)),
                "A128GCM", "Alice", "Bob", 128);
  CHECK(Base64UrlEncode(key.Expose(SecretAccess::ForTest())) == "VqqN6vgjbSBcIijNcacQGg");
}

TEST_CASE("a JWE made by another program is opened", "[jwt]") {
  const absl::StatusOr<Secret> content = Bob().Decrypt(kEnvelope);
  REQUIRE(content.ok());
  CHECK(content->Expose(SecretAccess::ForTest()) == kContent);
  CHECK(PeekKeyId(kEnvelope) == "6f1b0c5e-8f7a-4f0e-9d53-0a4f7a3f0b11");
}

TEST_CASE("a JWE that was changed at any one byte is not opened", "[jwt]") {
  const DecryptionKey key = Bob();
  const std::string envelope = kEnvelope;
  for (size_t at = 0; at < envelope.size(); ++at) {
    for (const char other : {'A', 'B', '.', '=', '\0'}) {
      std::string changed = envelope;
      if (changed[at] == other) continue;
      changed[at] = other;
      INFO(at << " to " << static_cast<int>(other));
      CHECK_FALSE(key.Decrypt(changed).ok());
    }
    CHECK_FALSE(key.Decrypt(envelope.substr(0, at)).ok());
    CHECK_FALSE(key.Decrypt(envelope.substr(0, at) + envelope.substr(at + 1)).ok());
  }
  CHECK_FALSE(key.Decrypt(envelope + "A").ok());
  CHECK_FALSE(key.Decrypt(envelope + ".").ok());
}

TEST_CASE("another key opens nothing", "[jwt]") {
  CHECK_THAT(DecryptionKey::Generate().Decrypt(kEnvelope),
             testing::IsError(absl::StatusCode::kUnauthenticated, "JWE_UNDECRYPTABLE"));
}

TEST_CASE("a header that means something else is refused before any key is used", "[jwt]") {
  const DecryptionKey key = Bob();
  const std::string header = HeaderOf(kEnvelope);
  const std::vector<std::string> others = {
      Replaced(header, "ECDH-ES", "dir"),
      Replaced(header, "ECDH-ES", "ECDH-ES+A256KW"),
      Replaced(header, "A256GCM", "A128GCM"),
      Replaced(header, "P-256", "P-384"),
      Replaced(header, R"("kid")", R"("zip":"DEF","kid")"),
      Replaced(header, R"("kid")", R"("crit":["exp"],"kid")"),
      Replaced(header, R"("kid")", R"("apu":7,"kid")"),
      Replaced(header, R"("x":"f)", R"("x":"g)"),  // not on the curve
      "[]",
      "{",
      "",
  };
  for (const std::string& other : others) {
    INFO(other);
    CHECK_THAT(key.Decrypt(WithHeader(other)),
               testing::IsError(absl::StatusCode::kUnauthenticated, "JWE_MALFORMED"));
  }
  CHECK_THAT(key.Decrypt(std::string(16 * 1024 + 1, 'A')),
             testing::IsError(absl::StatusCode::kUnauthenticated, "JWE_MALFORMED"));
}

TEST_CASE("a header with another kid is authenticated as little as any other", "[jwt]") {
  const std::string other = WithHeader(Replaced(HeaderOf(kEnvelope), "6f1b0c5e", "6f1b0c5f"));
  CHECK(PeekKeyId(other) == "6f1b0c5f-8f7a-4f0e-9d53-0a4f7a3f0b11");
  CHECK_THAT(Bob().Decrypt(other),
             testing::IsError(absl::StatusCode::kUnauthenticated, "JWE_UNDECRYPTABLE"));
}

TEST_CASE("a key survives being written and read, and shows only its public part", "[jwt]") {
  const DecryptionKey key = DecryptionKey::Generate();
  const absl::StatusOr<DecryptionKey> again = DecryptionKey::FromPkcs8(key.ToPkcs8());
  REQUIRE(again.ok());
  const std::string jwk = key.PublicJwk("an id");
  CHECK(again->PublicJwk("an id") == jwk);
  CHECK(jwk.find(R"("kid":"an id","alg":"ECDH-ES","use":"enc"})") != std::string::npos);
  CHECK(jwk.find(R"("d")") == std::string::npos);
  CHECK(Bob().Decrypt(kEnvelope).ok());
  CHECK(DecryptionKey::FromPkcs8(Bob().ToPkcs8())->Decrypt(kEnvelope).ok());
}

TEST_CASE("what is no P-256 key is no decryption key", "[jwt]") {
  for (const std::string& bad : {std::string(), std::string("x"), RandomBytes(100)}) {
    CHECK_THAT(DecryptionKey::FromPkcs8(Secret(bad)),
               testing::IsError(absl::StatusCode::kInvalidArgument, "DECRYPTION_KEY_INVALID"));
  }
}

}  // namespace shodan::jwt
