// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace shodan::gateway {

/// True for requests to the compatibility surface of @nangohq/node.
bool IsNangoRequest(const http::RequestHead& head);

/// An error as @nangohq/node's callers expect it:
///
///   {"error":{"code":"not_found","message":"…","errors":[{"code","message","path":["…"]}],
///             "payload":{"reason":"CONNECTION_NOT_FOUND","requestId":"…"}}}
///
/// `errors` is there for bad fields only. Retry-After and WWW-Authenticate as in problem documents.
http::Response NangoErrorResponse(const absl::Status& status, const http::RequestHead& head,
                                  std::string_view request_id);

/// INVALID_ARGUMENT/UNKNOWN_PROVIDER_CONFIG.
absl::Status UnknownProviderConfig();
/// INVALID_ARGUMENT/INVALID_HEADERS.
absl::Status InvalidHeader(std::string_view name, std::string_view description);

}  // namespace shodan::gateway
