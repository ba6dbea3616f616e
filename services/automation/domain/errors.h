// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace shodan::automation {

/// Every reason this service answers on its own account. Those of the database, the workers and the
/// authorizer are listed in their libraries.
namespace reason {

inline constexpr std::string_view kSignatureRequired = "WEBHOOK_SIGNATURE_REQUIRED";
inline constexpr std::string_view kTimestampInvalid = "WEBHOOK_TIMESTAMP_INVALID";
inline constexpr std::string_view kTimestampOutsideWindow = "WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW";
inline constexpr std::string_view kSignatureInvalid = "WEBHOOK_SIGNATURE_INVALID";
inline constexpr std::string_view kSecretMissing = "WEBHOOK_SECRET_MISSING";
inline constexpr std::string_view kChallengeInvalid = "WEBHOOK_CHALLENGE_INVALID";
inline constexpr std::string_view kMalformed = "WEBHOOK_MALFORMED";
inline constexpr std::string_view kProjectNotFound = "PROJECT_NOT_FOUND";
inline constexpr std::string_view kGrantNotFound = "GRANT_NOT_FOUND";
inline constexpr std::string_view kInboxKeyNotFound = "INBOX_KEY_NOT_FOUND";
inline constexpr std::string_view kVaultUnavailable = "VAULT_UNAVAILABLE";
inline constexpr std::string_view kAccountLinkUnavailable = "ACCOUNT_LINK_UNAVAILABLE";
inline constexpr std::string_view kStoredValueUnknown = "STORED_VALUE_UNKNOWN";
inline constexpr std::string_view kEndpointNotFound = "WEBHOOK_ENDPOINT_NOT_FOUND";
inline constexpr std::string_view kTooManyEndpoints = "TOO_MANY_WEBHOOK_ENDPOINTS";
inline constexpr std::string_view kEndpointRotating = "WEBHOOK_ENDPOINT_ROTATING";
inline constexpr std::string_view kResumeTokenExpired = "RESUME_TOKEN_EXPIRED";

}  // namespace reason

/// Why a webhook was settled or parked, or a delivery given up or put back, beside the reasons
/// above.
namespace ending {

inline constexpr std::string_view kNotATrigger = "NOT_A_TRIGGER";
inline constexpr std::string_view kNotConnected = "NOT_CONNECTED";
inline constexpr std::string_view kDeauthorization = "DEAUTHORIZATION";
inline constexpr std::string_view kKeyDestroyed = "KEY_DESTROYED";
inline constexpr std::string_view kAttemptsExhausted = "ATTEMPTS_EXHAUSTED";
inline constexpr std::string_view kEventNotReadable = "EVENT_NOT_READABLE";

}  // namespace ending

/// INVALID_ARGUMENT/WEBHOOK_MALFORMED. `what` names the member and what is wrong with it, and never
/// quotes the body.
absl::Status Malformed(std::string_view what);

}  // namespace shodan::automation
