// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// Fields of an answer, names in lower case.
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// What is passed on of an answer's head: status, media type, length and the fields that
/// ResponseHead of the proto lists; each value at most 1,024 bytes and without control characters.
AnswerHead HeadOf(int status, int64_t content_length, const HeaderFields& headers);

/// The value of the field, or empty.
std::string_view FieldOf(const HeaderFields& headers, std::string_view name);

/// Zoom's id of the answer for its support, as far as it is of letters, digits and ";=._-,":
/// at most 128 bytes.
std::string TrackingIdOf(const HeaderFields& headers);

/// How long Zoom asks to be left alone: Retry-After in seconds, as an HTTP date or as an ISO 8601
/// time, or X-RateLimit-Reset in seconds since 1970; a second when the limit is one per second.
/// nullopt when it does not say: then a limit of the user's own was met, not one of the account.
std::optional<std::chrono::milliseconds> PauseOf(const HeaderFields& headers,
                                                 std::chrono::system_clock::time_point now);

}  // namespace shodan::zoomapi
