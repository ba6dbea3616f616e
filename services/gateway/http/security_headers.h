// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "libs/http/response.h"

namespace shodan::gateway {

/// The policy of every page: nothing inline, nothing foreign, never in a frame.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

/// Adds what a browser must know about every answer; what the answer says itself stays.
/// `pin_https`: false only for a development run on a loopback name, where pinning would reach
/// every other port of the machine; the header then lifts an earlier pin.
void AddSecurityHeaders(http::Response& response, bool pin_https);

}  // namespace shodan::gateway
