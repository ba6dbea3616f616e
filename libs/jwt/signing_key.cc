// SPDX-License-Identifier: Apache-2.0
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <openssl/pem.h>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/jwt/jwk.h"
#include "libs/jwt/jws.h"

namespace shodan::jwt {

struct SigningKey::Impl {
  PkeyPtr key;
  Algorithm algorithm{};
  std::string algorithm_name;
  std::string kid;
  std::string required_members;
};

SigningKey::SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<SigningKey> SigningKey::FromPem(const Secret& pem) {
  const std::string_view text = pem.Expose(SecretAccess::ForConnection());
  const BioPtr source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // An empty pass phrase instead of OpenSSL's prompt on the terminal.
  auto no_pass_phrase = [](char*, int, int, void*) { return 0; };
  auto impl = std::make_shared<Impl>();
  impl->key.reset(PEM_read_bio_PrivateKey(source.get(), nullptr, no_pass_phrase, nullptr));
  if (impl->key == nullptr) {
    return InvalidArgument("SIGNING_KEY_INVALID", "The key is not an unencrypted PKCS#8 PEM.");
  }
  const std::optional<Algorithm> algorithm = AlgorithmOf(*impl->key);
  if (!algorithm.has_value()) {
    return InvalidArgument("SIGNING_KEY_INVALID",
                           "The key is none of Ed25519, EC P-256, RSA with 2048 to 8192 bits.");
  }
  impl->algorithm = *algorithm;
  impl->algorithm_name = std::string(NameOf(*algorithm));
  impl->required_members = RequiredMembers(*impl->key, *algorithm);
  impl->kid = Base64UrlEncode(Sha256(std::string_view(impl->required_members)));
  return SigningKey(std::move(impl));
}

const std::string& SigningKey::kid() const { return impl_->kid; }
const std::string& SigningKey::algorithm() const { return impl_->algorithm_name; }

std::string SigningKey::PublicJwk() const {
  std::string_view members = impl_->required_members;
  members.remove_suffix(1);  // the closing brace
  return Join(members, R"(,"kid":")", impl_->kid, R"(","alg":")", impl_->algorithm_name,
              R"(","use":"sig"})");
}

std::string SigningKey::Sign(std::string_view payload_json, std::string_view type) const {
  const boost::json::value typ(boost::json::string(type.data(), type.size()));
  const std::string header = Join(R"({"alg":")", impl_->algorithm_name, R"(","kid":")", impl_->kid,
                                  R"(","typ":)", boost::json::serialize(typ), "}");
  std::string token = Join(Base64UrlEncode(header), ".", Base64UrlEncode(payload_json));
  const std::string signature = MakeSignature(*impl_->key, impl_->algorithm, token);
  return Join(token, ".", Base64UrlEncode(signature));
}

}  // namespace shodan::jwt
