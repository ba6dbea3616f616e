// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shodan {

/// RFC 4648 section 5 (URL-safe alphabet), without padding.
std::string Base64UrlEncode(std::string_view bytes);
/// Strict: no padding, no other characters, no non-zero trailing bits. nullopt otherwise.
std::optional<std::string> Base64UrlDecode(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string Base64Encode(std::string_view bytes);
/// Strict: padding required, canonical. nullopt otherwise.
std::optional<std::string> Base64Decode(std::string_view text);

/// Lower-case hexadecimal.
std::string HexEncode(std::string_view bytes);

}  // namespace shodan
