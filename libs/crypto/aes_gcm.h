// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/secrets/secret.h"

namespace shodan {

/// AES-256-GCM (NIST SP 800-38D) with a 16-byte tag appended to the ciphertext.
///
/// The (key, nonce) pair must never repeat; callers derive both afresh for each message. `key` is
/// 32 bytes, `nonce` 12. Thread-safe.
std::string AesGcmEncrypt(const Secret& key, std::string_view nonce,
                          std::string_view associated_data, std::string_view plaintext);
/// Fails with DATA_LOSS/SEALED_FIELD_CORRUPT when key, nonce, data or tag do not fit together.
absl::StatusOr<Secret> AesGcmDecrypt(const Secret& key, std::string_view nonce,
                                     std::string_view associated_data, std::string_view ciphertext);

}  // namespace shodan
