// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shodan::http {

/// Of one hexadecimal digit; -1 for another character.
int HexValue(char c);

/// Percent-decoded text (RFC 3986 section 2.1); with `plus_is_space` as forms encode it. nullopt
/// for a percent sign without two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

/// Whether there is a C0 control character or DEL in it.
bool HoldsControlCharacter(std::string_view text);

}  // namespace shodan::http
