// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "libs/secrets/secret.h"

namespace shodan {

/// SHA-256, 32 raw bytes. Thread-safe.
std::string Sha256(std::string_view data);
std::string Sha256(const Secret& data);
/// HMAC-SHA-256 (RFC 2104), 32 raw bytes. Thread-safe.
std::string HmacSha256(const Secret& key, std::string_view data);
/// HKDF-SHA-256 (RFC 5869): extract and expand to `size` bytes, at most 8,160.
Secret HkdfSha256(const Secret& key, std::string_view salt, std::string_view info, size_t size);
/// Constant time in the content; the lengths are not hidden.
bool ConstantTimeEquals(std::string_view a, std::string_view b);
/// The S256 code challenge of a PKCE verifier (RFC 7636 section 4.2).
std::string PkceChallenge(const Secret& verifier);

/// Each part preceded by its length as four big-endian bytes: no two lists of parts collide.
std::string LengthPrefixed(std::initializer_list<std::string_view> parts);

}  // namespace shodan
