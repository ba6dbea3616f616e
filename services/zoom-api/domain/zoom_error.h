// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// What a meeting action answers when Zoom refused its request: an answer whose status is not 2xx.
///
///   MEETING_NOT_FOUND, REGISTRANT_NOT_FOUND   what the request names is not there
///   SCOPE_MISSING                             with the scopes that would do
///   INVALID_ARGUMENT/ZOOM_REJECTED            fields that Zoom found bad, by our names
///   FAILED_PRECONDITION/ZOOM_REJECTED         any other refusal; nothing was done
///   ZOOM_RATE_LIMITED                         with the time after which Zoom takes it
///   ZOOM_UNAVAILABLE                          5xx to a safe request
///   OUTCOME_UNKNOWN                           5xx to an unsafe one: Zoom may have done it
///
/// Metadata: zoom_status, and zoom_code and zoom_message when Zoom told them. zoom_message is
/// Zoom's text, on one line of at most 300 bytes; it is for the caller and no log's.
absl::Status ErrorOf(const ApiRequest& request, const AnswerHead& head, std::string_view body,
                     std::chrono::system_clock::time_point now);

/// The error of an answer under 2xx that cannot be read: `unreadable` itself for a safe request,
/// OUTCOME_UNKNOWN with zoom_status for an unsafe one, which Zoom did.
absl::Status UnreadableAnswer(const ApiRequest& request, const AnswerHead& head,
                              absl::Status unreadable);

}  // namespace shodan::zoomapi
