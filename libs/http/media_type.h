// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace shodan::http {

/// True when a Content-Type value (RFC 9110 section 8.3) is this type and subtype, in UTF-8 if it
/// names a charset at all.
bool IsMediaType(std::string_view content_type, std::string_view expected);

}  // namespace shodan::http
