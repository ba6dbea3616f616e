// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace shodan::projects {

/// Why `text` may not be used as a URL of a project, or an empty text when it may: absolute, https
/// (or http on a loopback host where allowed), with a host, without user information or fragment,
/// at most 2,048 bytes (RFC 3986).
std::string UrlProblem(std::string_view text, bool allow_http_on_loopback);

/// The same for an origin as browsers send it: scheme, host and port in lower case, no path, no
/// default port (RFC 6454 section 6.2).
std::string OriginProblem(std::string_view text, bool allow_http_on_loopback);

}  // namespace shodan::projects
