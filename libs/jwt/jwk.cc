// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/jwk.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"

namespace shodan::jwt {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr size_t kP256Bytes = 32;
constexpr size_t kEd25519Bytes = 32;

std::string_view Text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_string()) return {};
  const boost::json::string& text = value->get_string();
  return {text.data(), text.size()};
}

std::string Decoded(const boost::json::object& jwk, std::string_view member) {
  return Base64UrlDecode(Text(jwk, member)).value_or("");
}

PkeyPtr FromParams(const char* kind, OSSL_PARAM_BLD* builder) {
  ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0) {
    return nullptr;
  }
  return PkeyPtr(key);
}

PkeyPtr RsaKey(const std::string& modulus, const std::string& exponent) {
  if (modulus.size() > kRsaBitsMax / 8 || exponent.empty() || exponent.size() > 8) return nullptr;
  BignumPtr n(BN_bin2bn(Bytes(modulus), static_cast<int>(modulus.size()), nullptr));
  BignumPtr e(BN_bin2bn(Bytes(exponent), static_cast<int>(exponent.size()), nullptr));
  ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr || BN_is_odd(e.get()) == 0 ||
      BN_is_one(e.get()) == 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return FromParams("RSA", builder.get());
}

PkeyPtr P256Key(const std::string& x, const std::string& y) {
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
  const std::string point = Join("\x04", x, y);
  ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  PkeyPtr key = FromParams("EC", builder.get());
  if (key == nullptr) return nullptr;
  PkeyContextPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

PkeyPtr Ed25519Key(const std::string& x) {
  if (x.size() != kEd25519Bytes) return nullptr;
  return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
}

bool MayVerify(const boost::json::object& jwk) {
  const std::string_view use = Text(jwk, "use");
  if (jwk.contains("use") && use != "sig") return false;
  const boost::json::value* operations = jwk.if_contains("key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  for (const boost::json::value& operation : operations->get_array()) {
    if (operation.is_string() && operation.get_string() == "verify") return true;
  }
  return false;
}

std::string BignumText(const EVP_PKEY& key, const char* name, size_t size = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(&key, name, &raw) != 1) return {};
  const BignumPtr number(raw);
  std::string bytes(size == 0 ? static_cast<size_t>(BN_num_bytes(raw)) : size, '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return Base64UrlEncode(bytes);
}

// OpenSSL speaks DER, a JWS carries the two numbers side by side.
std::string DerFromRaw(std::string_view raw) {
  if (raw.size() != 2 * kP256Bytes) return {};
  EcdsaSignaturePtr signature(ECDSA_SIG_new());
  BignumPtr r(BN_bin2bn(Bytes(raw), kP256Bytes, nullptr));
  BignumPtr s(BN_bin2bn(Bytes(raw.substr(kP256Bytes)), kP256Bytes, nullptr));
  if (signature == nullptr || r == nullptr || s == nullptr) return {};
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // set0 took both over
  static_cast<void>(s.release());
  unsigned char* encoded = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &encoded);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(encoded), static_cast<size_t>(size));
  OPENSSL_free(encoded);
  return der;
}

std::string RawFromDer(std::string_view der) {
  const unsigned char* in = Bytes(der);
  const EcdsaSignaturePtr signature(
      d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));  // NOLINT(google-runtime-int)
  if (signature == nullptr) return {};
  std::string raw(2 * kP256Bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kP256Bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kP256Bytes, kP256Bytes) < 0) {
    return {};
  }
  return raw;
}

const EVP_MD* DigestOf(Algorithm algorithm) {
  return algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
}

}  // namespace

std::string_view NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      return "EdDSA";
  }
  return {};
}

std::optional<Algorithm> ParseAlgorithm(std::string_view name) {
  for (const Algorithm algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
    if (NameOf(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

std::optional<Algorithm> AlgorithmOf(const EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(&key);
      if (bits < kRsaBitsMin || bits > kRsaBitsMax) return std::nullopt;
      return Algorithm::kRs256;
    }
    case EVP_PKEY_EC: {
      char group[64] = {};
      if (EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                         nullptr) != 1 ||
          std::string_view(group) != "prime256v1") {
        return std::nullopt;
      }
      return Algorithm::kEs256;
    }
    case EVP_PKEY_ED25519:
      return Algorithm::kEdDsa;
    default:
      return std::nullopt;
  }
}

PkeyPtr ParseP256Point(const boost::json::object& jwk) {
  if (Text(jwk, "kty") != "EC" || Text(jwk, "crv") != "P-256") return nullptr;
  return P256Key(Decoded(jwk, "x"), Decoded(jwk, "y"));
}

std::optional<PublicKey> ParseVerificationKey(const boost::json::object& jwk) {
  if (!MayVerify(jwk)) return std::nullopt;
  const std::string_view kind = Text(jwk, "kty");
  const std::string_view curve = Text(jwk, "crv");
  PkeyPtr key = ParseP256Point(jwk);
  if (kind == "RSA") key = RsaKey(Decoded(jwk, "n"), Decoded(jwk, "e"));
  if (kind == "OKP" && curve == "Ed25519") key = Ed25519Key(Decoded(jwk, "x"));
  if (key == nullptr) return std::nullopt;
  const std::optional<Algorithm> algorithm = AlgorithmOf(*key);
  if (!algorithm.has_value()) return std::nullopt;
  if (jwk.contains("alg") && Text(jwk, "alg") != NameOf(*algorithm)) return std::nullopt;
  return PublicKey{std::string(Text(jwk, "kid")), *algorithm, std::move(key)};
}

std::string RequiredMembers(const EVP_PKEY& key, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return Join(R"({"e":")", BignumText(key, OSSL_PKEY_PARAM_RSA_E), R"(","kty":"RSA","n":")",
                  BignumText(key, OSSL_PKEY_PARAM_RSA_N), R"("})");
    case Algorithm::kEs256:
      return Join(R"({"crv":"P-256","kty":"EC","x":")",
                  BignumText(key, OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes), R"(","y":")",
                  BignumText(key, OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes), R"("})");
    case Algorithm::kEdDsa: {
      std::string bytes(kEd25519Bytes, '\0');
      size_t size = bytes.size();
      EVP_PKEY_get_raw_public_key(&key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
      return Join(R"({"crv":"Ed25519","kty":"OKP","x":")", Base64UrlEncode(bytes), R"("})");
    }
  }
  return {};
}

bool VerifySignature(const PublicKey& key, std::string_view signed_text,
                     std::string_view signature) {
  std::string der;
  if (key.algorithm == Algorithm::kEs256) {
    der = DerFromRaw(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContextPtr context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(key.algorithm), nullptr,
                              key.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(signed_text),
                          signed_text.size()) == 1;
}

std::string MakeSignature(EVP_PKEY& key, Algorithm algorithm, std::string_view text) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, DigestOf(algorithm), nullptr, &key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(text), text.size()) != 1) {
    return {};
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(text), text.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return algorithm == Algorithm::kEs256 ? RawFromDer(signature) : signature;
}

}  // namespace shodan::jwt
