// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/http/json_body.h"
#include "libs/http/request.h"

namespace shodan::gateway {

/// The requestId of a body: a UUID in lower case, chosen by the caller for one effect.
std::string ReadRequestId(http::JsonBody& body);

/// The Idempotency-Key of a request: a UUID in lower case; empty when absent.
std::string ReadIdempotencyKey(const http::RequestHead& head,
                               std::vector<FieldViolation>& problems);

/// The requestId of a body or the Idempotency-Key of its head; both may be there when they are the
/// same. When neither is: a problem if `required`, otherwise a new one.
std::string ReadRequestId(http::JsonBody& body, const http::RequestHead& head, bool required);

/// An optional opaque id of 1 to 255 bytes; empty when absent.
std::string ReadOpaqueId(http::JsonBody& body, std::string_view name);

}  // namespace shodan::gateway
