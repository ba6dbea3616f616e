// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "libs/jwt/openssl_ptr.h"

namespace shodan::jwt {

/// The three signature algorithms that this library knows, each tied to one kind of key.
enum class Algorithm { kRs256, kEs256, kEdDsa };

/// The "alg" value (RFC 7518 section 3.1, RFC 8037 section 3.1).
std::string_view NameOf(Algorithm algorithm);
std::optional<Algorithm> ParseAlgorithm(std::string_view name);

struct PublicKey {
  std::string kid;  ///< empty when the JWK has none
  Algorithm algorithm;
  PkeyPtr key;
};

/// The public key of a JWK that may verify signatures; nullopt for every other JWK, as RFC 7517
/// section 5 advises for keys of a set that are not understood.
std::optional<PublicKey> ParseVerificationKey(const boost::json::object& jwk);

/// The P-256 point of a JWK; nullptr when it is none or not on the curve.
PkeyPtr ParseP256Point(const boost::json::object& jwk);

/// The algorithm of an OpenSSL key, private or public; nullopt for kinds and sizes not supported.
std::optional<Algorithm> AlgorithmOf(const EVP_PKEY& key);

/// The members that RFC 7638 section 3.2 requires, in its order, as JSON without white space.
std::string RequiredMembers(const EVP_PKEY& key, Algorithm algorithm);

/// True when `signature` (RFC 7518 sections 3.3 and 3.4, RFC 8037 section 3.1) fits.
bool VerifySignature(const PublicKey& key, std::string_view signed_text,
                     std::string_view signature);

/// A signature in the form that a JWS carries. Empty when OpenSSL fails.
std::string MakeSignature(EVP_PKEY& key, Algorithm algorithm, std::string_view text);

}  // namespace shodan::jwt
