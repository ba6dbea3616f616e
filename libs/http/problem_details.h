// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/http/response.h"

namespace shodan::http {

/// The one table from errors to HTTP status codes. The code decides, except for the reasons of HTTP
/// itself (METHOD_NOT_ALLOWED is 405, …) and FAILED_PRECONDITION, which is 409 unless a one-time
/// thing has expired (400).
int HttpStatusOf(const absl::Status& status);

/// Fixed for each reason: "TICKET_INVALID" reads "Ticket invalid".
std::string TitleOf(std::string_view reason);

/// What a person may read about an error: the message, or a fixed text for internal ones.
std::string DetailOf(const absl::Status& status);

/// The error as application/problem+json (RFC 9457) with reason, requestId and errors[]; with
/// Retry-After for 429 and 503, WWW-Authenticate for 401. `instance` is the request's path. What
/// the error says about Zoom's own answer, missing scopes or a cause becomes extension members:
/// zoomStatus, zoomCode, zoomMessage, scopes, cause.
Response ProblemResponse(const absl::Status& status, std::string_view instance,
                         std::string_view request_id);

}  // namespace shodan::http
