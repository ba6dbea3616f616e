// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/http/request.h"
#include "services/gateway/auth/project_directory.h"

namespace shodan::gateway {

/// Guards an unsafe request that brings its authority in a cookie: it must come from a page of the
/// gateway itself or of the project. A form of a page without referrer says Origin null; there the
/// browser's own Sec-Fetch-Site decides, which no page can set (W3C Fetch Metadata).
/// `project` may be null. PERMISSION_DENIED/ORIGIN_NOT_ALLOWED.
absl::Status CheckOrigin(const http::RequestHead& head, std::string_view public_origin,
                         const KnownProject* project);

}  // namespace shodan::gateway
