// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/crypto/key_ring.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// Where a sealed field belongs. All of it is authenticated, so a field moved to another row,
/// column, user, generation or version cannot be opened.
struct SealCoordinates {
  std::string table;
  std::string field;
  std::string row_id;
  std::string project_id;
  std::string user_id;
  std::optional<int64_t> generation;     ///< absent where the row has none
  std::optional<int64_t> token_version;  ///< tokens only

  bool operator==(const SealCoordinates&) const = default;
};

/// A sealed field: what a database column holds.
///
///   associated data = format | table | field | row id | project | user | generation | key epoch |
///                     token_version, each with a four-byte length; absent ones are empty
///   sealed          = associated data | salt (32) | commitment (32) | ciphertext | tag (16)
///
/// Encryption key, nonce and commitment come from HKDF-SHA-256(epoch key, salt): each message has a
/// key of its own, and the commitment makes a ciphertext valid under one key only.
std::string SealField(const KeyRing& keys, const SealCoordinates& coordinates,
                      const Secret& plaintext);

/// Opens a field that must have been sealed at exactly `expected`.
/// DATA_LOSS/SEALED_FIELD_MISPLACED when it was sealed elsewhere, /SEALED_FIELD_CORRUPT when it
/// does not authenticate, FAILED_PRECONDITION/KEY_EPOCH_UNKNOWN when the ring lacks its key.
absl::StatusOr<Secret> OpenField(const KeyRing& keys, const SealCoordinates& expected,
                                 std::string_view sealed);

/// Opens a field as OpenField() does and seals it again under the primary epoch, at the same
/// coordinates.
absl::StatusOr<std::string> RewrapField(const KeyRing& keys, const SealCoordinates& expected,
                                        std::string_view sealed);

/// The coordinates and epoch a field says it was sealed with. Not authenticated until opened.
struct SealedHeader {
  SealCoordinates coordinates;
  int32_t key_epoch = 0;
};
absl::StatusOr<SealedHeader> ReadSealedHeader(std::string_view sealed);

}  // namespace shodan
