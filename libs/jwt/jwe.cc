// SPDX-License-Identifier: Apache-2.0
#include "libs/jwt/jwe.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/aes_gcm.h"
#include "libs/crypto/digest.h"
#include "libs/jwt/jwk.h"

namespace shodan::jwt {
namespace {

namespace json = boost::json;

constexpr size_t kJweBytesMax = 16 * 1024;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr uint32_t kKeyBits = 256;
constexpr std::string_view kEncryption = "A256GCM";

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::Status Malformed() {
  return Unauthenticated("JWE_MALFORMED",
                         "This is no JWE in compact form with ECDH-ES on P-256 and A256GCM.");
}

absl::Status Undecryptable() {
  return Unauthenticated("JWE_UNDECRYPTABLE", "The JWE is not for this key, or was changed.");
}

/// The five parts; the second, an encrypted key, is empty under ECDH-ES.
using Parts = std::array<std::string_view, 5>;

std::optional<Parts> Split(std::string_view jwe) {
  if (jwe.size() > kJweBytesMax) return std::nullopt;
  Parts parts;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const size_t dot = jwe.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    parts.at(i) = jwe.substr(0, dot);
    jwe.remove_prefix(dot + 1);
  }
  if (jwe.find('.') != std::string_view::npos) return std::nullopt;
  parts.back() = jwe;
  return parts;
}

std::optional<json::object> ReadHeader(std::string_view encoded) {
  const std::optional<std::string> text = Base64UrlDecode(encoded);
  if (!text.has_value()) return std::nullopt;
  boost::system::error_code error;
  json::value header = json::parse(*text, error);
  if (error || !header.is_object()) return std::nullopt;
  return std::move(header.get_object());
}

bool Says(const json::object& header, std::string_view name, std::string_view value) {
  const json::value* found = header.if_contains({name.data(), name.size()});
  if (found == nullptr || !found->is_string()) return false;
  const json::string& text = found->get_string();
  return std::string_view(text.data(), text.size()) == value;
}

// "apu" and "apv"; nullopt when it is there and no base64url.
std::optional<std::string> PartyInfo(const json::object& header, std::string_view name) {
  const json::value* found = header.if_contains({name.data(), name.size()});
  if (found == nullptr) return std::string();
  if (!found->is_string()) return std::nullopt;
  const json::string& text = found->get_string();
  return Base64UrlDecode({text.data(), text.size()});
}

void AppendNumber(std::string& out, uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>((number >> shift) & 0xFFU));
  }
}

void AppendPrefixed(std::string& out, std::string_view data) {
  AppendNumber(out, static_cast<uint32_t>(data.size()));
  out.append(data);
}

// Empty when OpenSSL refuses the point.
Secret Agree(EVP_PKEY& own, EVP_PKEY& peer) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, &own, nullptr));
  size_t size = 0;
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) <= 0 ||
      EVP_PKEY_derive_set_peer(context.get(), &peer) <= 0 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) <= 0) {
    return {};
  }
  std::string agreed(size, '\0');
  if (EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(agreed.data()), &size) <= 0) {
    WipeString(agreed);
    return {};
  }
  agreed.resize(size);
  return Secret::Take(std::move(agreed));
}

}  // namespace

struct DecryptionKey::Impl {
  PkeyPtr key;
};

DecryptionKey::DecryptionKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

DecryptionKey DecryptionKey::Generate() {
  auto impl = std::make_shared<Impl>();
  impl->key.reset(EVP_EC_gen("P-256"));
  Require(impl->key != nullptr);
  return DecryptionKey(std::move(impl));
}

absl::StatusOr<DecryptionKey> DecryptionKey::FromPkcs8(const Secret& der) {
  const std::string_view bytes = der.Expose(SecretAccess::ForEncryption());
  const unsigned char* in = Bytes(bytes);
  auto impl = std::make_shared<Impl>();
  const auto size = static_cast<long>(bytes.size());  // NOLINT(google-runtime-int)
  impl->key.reset(d2i_AutoPrivateKey(nullptr, &in, size));
  if (impl->key == nullptr || AlgorithmOf(*impl->key) != Algorithm::kEs256) {
    return InvalidArgument("DECRYPTION_KEY_INVALID", "The key is no P-256 key in PKCS#8.");
  }
  return DecryptionKey(std::move(impl));
}

Secret DecryptionKey::ToPkcs8() const {
  using InfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpenSslDeleter<PKCS8_PRIV_KEY_INFO_free>>;
  const InfoPtr info(EVP_PKEY2PKCS8(impl_->key.get()));
  Require(info != nullptr);
  unsigned char* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  Require(size > 0);
  Secret der(std::string_view(reinterpret_cast<char*>(encoded), static_cast<size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<size_t>(size));
  return der;
}

std::string DecryptionKey::PublicJwk(std::string_view kid) const {
  const std::string required = RequiredMembers(*impl_->key, Algorithm::kEs256);
  const std::string_view members(required.data(), required.size() - 1);  // without the brace
  return Join(members, R"(,"kid":")", kid, R"(","alg":"ECDH-ES","use":"enc"})");
}

absl::StatusOr<Secret> DecryptionKey::Decrypt(std::string_view jwe) const {
  const std::optional<Parts> parts = Split(jwe);
  if (!parts.has_value() || !(*parts)[1].empty()) return Malformed();
  const std::optional<json::object> header = ReadHeader((*parts)[0]);
  if (!header.has_value() || !Says(*header, "alg", "ECDH-ES") ||
      !Says(*header, "enc", kEncryption) || header->contains("zip") || header->contains("crit")) {
    return Malformed();
  }
  const json::value* point = header->if_contains("epk");
  const PkeyPtr peer =
      point != nullptr && point->is_object() ? ParseP256Point(point->get_object()) : nullptr;
  const std::optional<std::string> party_u = PartyInfo(*header, "apu");
  const std::optional<std::string> party_v = PartyInfo(*header, "apv");
  const std::optional<std::string> nonce = Base64UrlDecode((*parts)[2]);
  const std::optional<std::string> ciphertext = Base64UrlDecode((*parts)[3]);
  const std::optional<std::string> tag = Base64UrlDecode((*parts)[4]);
  if (peer == nullptr || !party_u || !party_v || !nonce || nonce->size() != kNonceBytes ||
      !ciphertext || !tag || tag->size() != kTagBytes) {
    return Malformed();
  }
  const Secret agreed = Agree(*impl_->key, *peer);
  if (agreed.empty()) return Undecryptable();
  const Secret key = ConcatKdf(agreed, kEncryption, *party_u, *party_v, kKeyBits);
  absl::StatusOr<Secret> plaintext = AesGcmDecrypt(key, *nonce, (*parts)[0], *ciphertext + *tag);
  if (!plaintext.ok()) return Undecryptable();
  return plaintext;
}

std::optional<std::string> PeekKeyId(std::string_view jwe) {
  const std::optional<Parts> parts = Split(jwe);
  if (!parts.has_value()) return std::nullopt;
  const std::optional<json::object> header = ReadHeader((*parts)[0]);
  if (!header.has_value()) return std::nullopt;
  const json::value* kid = header->if_contains("kid");
  if (kid == nullptr || !kid->is_string()) return std::nullopt;
  return std::string(kid->get_string().data(), kid->get_string().size());
}

Secret ConcatKdf(const Secret& agreed, std::string_view algorithm, std::string_view party_u,
                 std::string_view party_v, uint32_t bits) {
  Require(bits <= kKeyBits && bits % 8 == 0);
  std::string input;
  // Never moved while it grows: no copy of the agreed secret stays behind.
  input.reserve(5 * sizeof(uint32_t) + agreed.size() + algorithm.size() + party_u.size() +
                party_v.size());
  AppendNumber(input, 1);
  input.append(agreed.Expose(SecretAccess::ForEncryption()));
  AppendPrefixed(input, algorithm);
  AppendPrefixed(input, party_u);
  AppendPrefixed(input, party_v);
  AppendNumber(input, bits);
  std::string digest = Sha256(Secret::Take(std::move(input)));
  Secret key(std::string_view(digest).substr(0, bits / 8));
  WipeString(digest);
  return key;
}

}  // namespace shodan::jwt
