// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace shodan::zoomapi {

/// Every reason this service answers on its own account. Those of the database, the workers and the
/// authorizer are listed in their libraries.
namespace reason {

inline constexpr std::string_view kNotConnected = "NOT_CONNECTED";
inline constexpr std::string_view kReconnectRequired = "RECONNECT_REQUIRED";
inline constexpr std::string_view kScopeMissing = "SCOPE_MISSING";
inline constexpr std::string_view kZoomRateLimited = "ZOOM_RATE_LIMITED";
inline constexpr std::string_view kZoomUnavailable = "ZOOM_UNAVAILABLE";
inline constexpr std::string_view kZoomRejected = "ZOOM_REJECTED";
inline constexpr std::string_view kZoomAnswerUnreadable = "ZOOM_ANSWER_UNREADABLE";
inline constexpr std::string_view kMeetingNotFound = "MEETING_NOT_FOUND";
inline constexpr std::string_view kRegistrantNotFound = "REGISTRANT_NOT_FOUND";
inline constexpr std::string_view kVaultUnavailable = "VAULT_UNAVAILABLE";
inline constexpr std::string_view kDatabaseUnavailable = "DATABASE_UNAVAILABLE";
inline constexpr std::string_view kServerBusy = "SERVER_BUSY";
inline constexpr std::string_view kOutcomeUnknown = "OUTCOME_UNKNOWN";
inline constexpr std::string_view kRequestCompleted = "REQUEST_COMPLETED";
inline constexpr std::string_view kRequestIdReused = "REQUEST_ID_REUSED";
inline constexpr std::string_view kRequestNotRepeatable = "REQUEST_NOT_REPEATABLE";
inline constexpr std::string_view kAnswerTooLarge = "ANSWER_TOO_LARGE";
inline constexpr std::string_view kCallCancelled = "CALL_CANCELLED";
inline constexpr std::string_view kDeadlinePassed = "DEADLINE_PASSED";

}  // namespace reason

/// The user has no connected Zoom account.
absl::Status NotConnected();
/// `scopes`: each of them alone would do; the first is the one to ask for.
absl::Status ScopeMissing(const std::vector<std::string>& scopes);
/// Nothing was done at Zoom; the same call may be made again.
absl::Status ZoomUnavailable();
absl::Status VaultUnavailable();
absl::Status DatabaseUnavailable();
absl::Status ServerBusy();
/// Zoom may have done it.
absl::Status OutcomeUnknown();
absl::Status MeetingNotFound();
absl::Status RegistrantNotFound();
/// `what` is wrong with it: a field's path and what it should be, nothing of its content.
absl::Status ZoomAnswerUnreadable(std::string_view what);
/// Zoom answered the first request of this id with `zoom_status`.
absl::Status RequestCompleted(int zoom_status);
absl::Status RequestIdReused();
/// Nothing was done at Zoom, but the body is no longer there to be sent again.
absl::Status RequestNotRepeatable();
absl::Status AnswerTooLarge();
/// The caller left; what it did at Zoom is in the intent.
absl::Status CallCancelled();
/// Nothing was done at Zoom.
absl::Status DeadlinePassed();

}  // namespace shodan::zoomapi
