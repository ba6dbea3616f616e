// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "libs/base/status.h"
#include "libs/jwt/jws.h"
#include "libs/jwt/openssl_ptr.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::jwt {
namespace {

std::string PemOf(EVP_PKEY* raw) {
  const PkeyPtr key(raw);
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<SigningKey> FromPem(std::string_view pem) {
  return SigningKey::FromPem(Secret(pem));
}

TEST_CASE("SigningKey names the Ed25519 key of RFC 8037 by the thumbprint of its appendix A.3") {
  const auto key = FromPem(rfc::kEdPrivatePem);

  REQUIRE(key.ok());
  CHECK(key->kid() == rfc::kEdThumbprint);
  CHECK(key->algorithm() == "EdDSA");
  CHECK(key->PublicJwk() ==
        R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
        R"("kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","alg":"EdDSA","use":"sig"})");
}

TEST_CASE("SigningKey's tokens verify with its own public key for every kind of key") {
  const std::string pems[] = {std::string(rfc::kEdPrivatePem), PemOf(EVP_EC_gen("prime256v1")),
                              PemOf(EVP_RSA_gen(2048))};
  const std::string_view algorithms[] = {"EdDSA", "ES256", "RS256"};
  for (size_t i = 0; i < 3; ++i) {
    const auto key = FromPem(pems[i]);
    REQUIRE(key.ok());
    CHECK(key->algorithm() == algorithms[i]);
    const auto keys = KeySet::Parse(rfc::SetOf(key->PublicJwk()));
    REQUIRE(keys.ok());
    CHECK(keys->HasKey(key->kid()));

    const auto payload = VerifyJws(key->Sign(R"({"sub":"ann"})"), *keys);

    REQUIRE(payload.ok());
    CHECK(*payload == R"({"sub":"ann"})");
  }
}

TEST_CASE("SigningKey signs ES256 in the fixed-size form whatever the numbers' lengths") {
  const auto key = FromPem(PemOf(EVP_EC_gen("prime256v1")));
  REQUIRE(key.ok());

  for (int i = 0; i < 300; ++i) {
    const std::string token = key->Sign(std::to_string(i));
    CHECK(token.size() - token.rfind('.') - 1 == 86);
  }
}

TEST_CASE("SigningKey refuses other kinds of key, public keys and text that is no key") {
  for (const std::string& pem : {PemOf(EVP_EC_gen("secp384r1")), PemOf(EVP_RSA_gen(1024)),
                                 std::string("no key"), std::string()}) {
    CHECK(ReasonOf(FromPem(pem).status()) == "SIGNING_KEY_INVALID");
  }
}

}  // namespace
}  // namespace shodan::jwt
