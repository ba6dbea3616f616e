// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "libs/base/strings.h"
#include "libs/crypto/aes_gcm.h"
#include "libs/crypto/random.h"
#include "libs/jwt/jwe.h"
#include "libs/jwt/jwk.h"

namespace shodan::testing {

/// `content` encrypted to a public JWK as an importer does it: a compact JWE with ECDH-ES on P-256
/// and A256GCM.
inline std::string EnvelopeOf(const std::string& public_jwk, std::string_view content) {
  const boost::json::object jwk = boost::json::parse(public_jwk).as_object();
  const jwt::PkeyPtr peer = jwt::ParseP256Point(jwk);
  const jwt::PkeyPtr own(EVP_EC_gen("P-256"));
  REQUIRE(peer != nullptr);
  const jwt::PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  std::string agreed(32, '\0');
  size_t size = agreed.size();
  REQUIRE(EVP_PKEY_derive_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1);
  REQUIRE(EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(agreed.data()), &size) ==
          1);
  const std::string kid(jwk.at("kid").as_string().c_str());
  const std::string header =
      Base64UrlEncode(Join(R"({"alg":"ECDH-ES","enc":"A256GCM","kid":")", kid, R"(","epk":)",
                           jwt::RequiredMembers(*own, jwt::Algorithm::kEs256), "}"));
  const Secret key = jwt::ConcatKdf(Secret(agreed), "A256GCM", "", "", 256);
  const std::string nonce = RandomBytes(12);
  const std::string sealed = AesGcmEncrypt(key, nonce, header, content);
  const std::string_view text(sealed);
  return Join(header, "..", Base64UrlEncode(nonce), ".",
              Base64UrlEncode(text.substr(0, text.size() - 16)), ".",
              Base64UrlEncode(text.substr(text.size() - 16)));
}

}  // namespace shodan::testing
