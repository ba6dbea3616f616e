// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace shodan {

/// Reads a Retry-After value in any of its three shapes: delay in seconds and HTTP date (RFC 9110
/// section 10.2.3, its obsolete forms included), and the ISO 8601 time that Zoom sends with daily
/// limits. The result is clamped to 1 s … 24 h; nullopt when the value is none of the three.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value,
                                                    std::chrono::system_clock::time_point now);

}  // namespace shodan
