// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace shodan::http {

/// The value of one cookie in a Cookie field (RFC 6265 section 5.4). Other cookies may be as odd as
/// they like; nullopt when this one is absent, holds other characters than RFC 6265 section 4.1.1
/// allows, or occurs twice.
std::optional<std::string> FindCookie(std::string_view cookie_field, std::string_view name);

/// A Set-Cookie value with Path=/, Secure, HttpOnly, SameSite=Lax, as the name's prefix `__Host-`
/// demands (RFC 6265bis section 4.1.3). Lax, because the browser comes back from Zoom by a link.
/// Empty when name or value hold characters that a cookie may not, or the prefix is missing.
std::string HostCookie(std::string_view name, std::string_view value, std::chrono::seconds max_age);

/// The Set-Cookie value that removes it.
std::string ExpiredHostCookie(std::string_view name);

}  // namespace shodan::http
