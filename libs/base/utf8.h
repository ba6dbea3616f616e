// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace shodan {

/// The number of Unicode characters; nullopt when `text` is not well-formed UTF-8 (RFC 3629).
std::optional<size_t> CountCharacters(std::string_view text);

}  // namespace shodan
