// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan::jwt {

/// A private key that opens JWEs in compact form (RFC 7516) with alg "ECDH-ES" on P-256, the agreed
/// key used directly, and enc "A256GCM" (RFC 7518 sections 4.6 and 5.3). Thread-safe.
class DecryptionKey {
 public:
  /// A fresh key.
  static DecryptionKey Generate();
  /// A key that ToPkcs8() wrote. INVALID_ARGUMENT/DECRYPTION_KEY_INVALID.
  static absl::StatusOr<DecryptionKey> FromPkcs8(const Secret& der);
  Secret ToPkcs8() const;
  /// The public key as a JWK with kid, use "enc" and alg. `kid` is ASCII without quotes.
  std::string PublicJwk(std::string_view kid) const;

  /// Any header parameter that would change the meaning ("crit", "zip") and any other algorithm are
  /// refused, as is whatever is not canonical base64url. UNAUTHENTICATED/JWE_MALFORMED when it is
  /// no such JWE, /JWE_UNDECRYPTABLE when it is not for this key or was changed.
  absl::StatusOr<Secret> Decrypt(std::string_view jwe) const;

 private:
  struct Impl;
  explicit DecryptionKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// The "kid" of a JWE's header, NOT verified; nullopt when there is none. At most 16 KiB are looked
/// at: anything longer has none.
std::optional<std::string> PeekKeyId(std::string_view jwe);

/// The Concat KDF of RFC 7518 section 4.6.2 for one round: `bits` at most 256, a multiple of 8.
Secret ConcatKdf(const Secret& agreed, std::string_view algorithm, std::string_view party_u,
                 std::string_view party_v, uint32_t bits);

}  // namespace shodan::jwt
