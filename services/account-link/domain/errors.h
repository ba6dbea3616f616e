// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace shodan::account_link {

/// Every reason this service answers on its own account. Those of the database, the worker pool and
/// the authorizer are listed in their libraries.
namespace reason {

inline constexpr std::string_view kProjectNotFound = "PROJECT_NOT_FOUND";
inline constexpr std::string_view kLinkNotFound = "LINK_NOT_FOUND";
inline constexpr std::string_view kCallNotFound = "CALL_NOT_FOUND";
inline constexpr std::string_view kNoteNotFound = "NOTE_NOT_FOUND";
inline constexpr std::string_view kEtagMismatch = "ETAG_MISMATCH";
inline constexpr std::string_view kRequestIdReused = "REQUEST_ID_REUSED";
inline constexpr std::string_view kResumeTokenExpired = "RESUME_TOKEN_EXPIRED";
inline constexpr std::string_view kApiKeyNotFound = "API_KEY_NOT_FOUND";
inline constexpr std::string_view kApiKeyInvalid = "API_KEY_INVALID";
inline constexpr std::string_view kApiKeyRotating = "API_KEY_ROTATING";
inline constexpr std::string_view kTooManyApiKeys = "TOO_MANY_API_KEYS";
inline constexpr std::string_view kConnectionNotFound = "CONNECTION_NOT_FOUND";
inline constexpr std::string_view kConnectionIdTaken = "CONNECTION_ID_TAKEN";
inline constexpr std::string_view kConnectionIdFixed = "CONNECTION_ID_FIXED";
inline constexpr std::string_view kConnectSessionInvalid = "CONNECT_SESSION_INVALID";

inline constexpr std::string_view kOtherAccountConnected = "OTHER_ACCOUNT_CONNECTED";
inline constexpr std::string_view kDifferentAccount = "DIFFERENT_ACCOUNT";
inline constexpr std::string_view kLinkDisconnecting = "LINK_DISCONNECTING";
inline constexpr std::string_view kAttemptNotExchanged = "ATTEMPT_NOT_EXCHANGED";
/// The link's generation moved on in each of the rounds that a call may take.
inline constexpr std::string_view kLinkChanging = "LINK_CHANGING";
inline constexpr std::string_view kVaultUnavailable = "VAULT_UNAVAILABLE";
inline constexpr std::string_view kZoomUnavailable = "ZOOM_UNAVAILABLE";

/// An import: another user holds the Zoom user.
inline constexpr std::string_view kConnectedElsewhere = "ZOOM_USER_CONNECTED_ELSEWHERE";

// Answers of the vault that decide what happens next.
inline constexpr std::string_view kAttemptNotFound = "ATTEMPT_NOT_FOUND";
inline constexpr std::string_view kGenerationMismatch = "GENERATION_MISMATCH";
inline constexpr std::string_view kPendingGrantNotFound = "PENDING_GRANT_NOT_FOUND";
inline constexpr std::string_view kPendingGrantDead = "PENDING_GRANT_DEAD";
inline constexpr std::string_view kPendingGrantNotProved = "PENDING_GRANT_NOT_PROVED";
inline constexpr std::string_view kGrantNotFound = "GRANT_NOT_FOUND";
inline constexpr std::string_view kImportKeyNotFound = "IMPORT_KEY_NOT_FOUND";
inline constexpr std::string_view kImportUndecryptable = "IMPORT_UNDECRYPTABLE";
inline constexpr std::string_view kImportContentInvalid = "IMPORT_CONTENT_INVALID";
inline constexpr std::string_view kImportUnknown = "IMPORT_UNKNOWN";
inline constexpr std::string_view kImportTokenRejected = "IMPORT_TOKEN_REJECTED";
inline constexpr std::string_view kImportAnswerLost = "IMPORT_ANSWER_LOST";
inline constexpr std::string_view kImportInProgress = "IMPORT_IN_PROGRESS";
inline constexpr std::string_view kImportRateLimited = "IMPORT_RATE_LIMITED";
inline constexpr std::string_view kZoomAppRejected = "ZOOM_APP_REJECTED";
inline constexpr std::string_view kRevocationInProgress = "REVOCATION_IN_PROGRESS";

}  // namespace reason

absl::Status ProjectNotFound();
absl::Status LinkNotFound();
absl::Status CallNotFound();
absl::Status NoteNotFound();
absl::Status EtagMismatch();
absl::Status RequestIdReused();
absl::Status AttemptNotExchanged();
absl::Status PendingGrantDead();
absl::Status LinkChanging();
absl::Status ZoomUnavailable();
absl::Status ResumeTokenExpired();
absl::Status ApiKeyNotFound();
absl::Status ApiKeyInvalid();
absl::Status ApiKeyRotating();
absl::Status TooManyApiKeys();
absl::Status ConnectionNotFound();
absl::Status ConnectionIdTaken();
absl::Status ConnectionIdFixed();
absl::Status ConnectSessionInvalid();

}  // namespace shodan::account_link
