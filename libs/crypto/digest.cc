// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/digest.h"

#include <array>
#include <cstdlib>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "libs/base/encoding.h"

namespace shodan {
namespace {

const unsigned char* Bytes(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

// These OpenSSL calls fail only when memory or the provider is missing; there is no sound way on.
void Require(bool condition) {
  if (!condition) std::abort();
}

const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

EVP_KDF* HkdfMethod() {
  static EVP_KDF* const method = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  return method;
}

}  // namespace

std::string Sha256(std::string_view data) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  Require(EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()),
                     &size, Sha256Method(), nullptr) == 1 &&
          size == 32);
  return digest;
}

std::string Sha256(const Secret& data) { return Sha256(data.Expose(SecretAccess::ForHashing())); }

std::string HmacSha256(const Secret& key, std::string_view data) {
  const std::string_view key_bytes = key.Expose(SecretAccess::ForHashing());
  std::string mac(32, '\0');
  unsigned int size = 0;
  Require(HMAC(Sha256Method(), key_bytes.data(), static_cast<int>(key_bytes.size()), Bytes(data),
               data.size(), reinterpret_cast<unsigned char*>(mac.data()), &size) != nullptr &&
          size == 32);
  return mac;
}

Secret HkdfSha256(const Secret& key, std::string_view salt, std::string_view info, size_t size) {
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(HkdfMethod()), &EVP_KDF_CTX_free);
  Require(context != nullptr);
  const std::string_view key_bytes = key.Expose(SecretAccess::ForEncryption());
  char digest_name[] = "SHA256";
  // OSSL_PARAM takes mutable pointers and only reads through them.
  const std::array<OSSL_PARAM, 5> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(key_bytes.data()),
                                        key_bytes.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<char*>(salt.data()),
                                        salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  std::string out(size, '\0');
  Require(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
                         parameters.data()) == 1);
  return Secret::Take(std::move(out));
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string PkceChallenge(const Secret& verifier) { return Base64UrlEncode(Sha256(verifier)); }

std::string LengthPrefixed(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    const auto size = static_cast<uint32_t>(part.size());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      out.push_back(static_cast<char>((size >> shift) & 0xFFU));
    }
    out.append(part);
  }
  return out;
}

}  // namespace shodan
