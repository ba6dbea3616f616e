// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan::jwt {

/// Public keys of a JWK Set (RFC 7517): RSA (2048 to 8192 bits), EC P-256, OKP Ed25519. Keys of
/// other kinds, for encryption, or with other algorithms are skipped. Immutable; thread-safe.
class KeySet {
 public:
  /// INVALID_ARGUMENT/JWKS_INVALID when the document is not a JWK Set or holds private members;
  /// at most 100 keys and 256 KiB.
  static absl::StatusOr<KeySet> Parse(std::string_view json);
  size_t size() const;
  bool HasKey(std::string_view kid) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit KeySet(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// Verifies a JWS in compact form (RFC 7515) with alg RS256, ES256 or EdDSA (RFC 8037) and returns
/// its payload. The algorithm must be the one of the key; "none", HMAC algorithms, "crit", an
/// embedded "jwk" or "x5c", and tokens over 16 KiB are refused. With a "kid" only that key is
/// tried. UNAUTHENTICATED/TOKEN_MALFORMED, /TOKEN_KEY_UNKNOWN or /TOKEN_SIGNATURE_INVALID.
absl::StatusOr<std::string> VerifyJws(std::string_view token, const KeySet& keys);

/// A private key that signs: Ed25519 (EdDSA), P-256 (ES256) or RSA (RS256), from PKCS#8 PEM.
/// Thread-safe.
class SigningKey {
 public:
  static absl::StatusOr<SigningKey> FromPem(const Secret& pem);
  /// RFC 7638 thumbprint (SHA-256, base64url).
  const std::string& kid() const;
  /// "EdDSA", "ES256" or "RS256".
  const std::string& algorithm() const;
  /// The public key as a JWK, with kid, alg and use.
  std::string PublicJwk() const;
  /// Compact JWS of `payload_json` with header {"alg","kid","typ"}.
  std::string Sign(std::string_view payload_json, std::string_view type = "JWT") const;

 private:
  struct Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace shodan::jwt
