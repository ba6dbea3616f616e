// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace shodan::tokenvault {

/// Every reason this service's errors carry, besides those of the shared libraries.
inline constexpr char kProjectNotFound[] = "PROJECT_NOT_FOUND";
inline constexpr char kTicketInvalid[] = "TICKET_INVALID";
inline constexpr char kTicketOtherUser[] = "TICKET_OTHER_USER";
inline constexpr char kAttemptMismatch[] = "ATTEMPT_MISMATCH";
inline constexpr char kAttemptNotFound[] = "ATTEMPT_NOT_FOUND";
inline constexpr char kAttemptExists[] = "ATTEMPT_EXISTS";
inline constexpr char kRevocationInProgress[] = "REVOCATION_IN_PROGRESS";
inline constexpr char kPendingGrantNotFound[] = "PENDING_GRANT_NOT_FOUND";
inline constexpr char kPendingGrantDead[] = "PENDING_GRANT_DEAD";
inline constexpr char kPendingGrantNotProved[] = "PENDING_GRANT_NOT_PROVED";
inline constexpr char kActivationInProgress[] = "ACTIVATION_IN_PROGRESS";
inline constexpr char kGenerationMismatch[] = "GENERATION_MISMATCH";
inline constexpr char kLinkDisconnecting[] = "LINK_DISCONNECTING";
inline constexpr char kGrantNotFound[] = "GRANT_NOT_FOUND";
inline constexpr char kReconnectRequired[] = "RECONNECT_REQUIRED";
inline constexpr char kRefreshInProgress[] = "REFRESH_IN_PROGRESS";
inline constexpr char kZoomUnavailable[] = "ZOOM_UNAVAILABLE";
inline constexpr char kZoomTokenRefused[] = "ZOOM_TOKEN_REFUSED";
inline constexpr char kZoomAppRejected[] = "ZOOM_APP_REJECTED";
inline constexpr char kTagVersionStale[] = "TAG_VERSION_STALE";
inline constexpr char kZoomAnswerInvalid[] = "ZOOM_ANSWER_INVALID";
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";
inline constexpr char kClientIdTaken[] = "CLIENT_ID_TAKEN";
inline constexpr char kConnectedElsewhere[] = "ZOOM_USER_CONNECTED_ELSEWHERE";
inline constexpr char kImportKeyNotFound[] = "IMPORT_KEY_NOT_FOUND";
inline constexpr char kTooManyImportKeys[] = "TOO_MANY_IMPORT_KEYS";
inline constexpr char kImportUndecryptable[] = "IMPORT_UNDECRYPTABLE";
inline constexpr char kImportContentInvalid[] = "IMPORT_CONTENT_INVALID";
inline constexpr char kImportUnknown[] = "IMPORT_UNKNOWN";
inline constexpr char kImportTokenRejected[] = "IMPORT_TOKEN_REJECTED";
inline constexpr char kImportAnswerLost[] = "IMPORT_ANSWER_LOST";
inline constexpr char kImportInProgress[] = "IMPORT_IN_PROGRESS";
inline constexpr char kImportRateLimited[] = "IMPORT_RATE_LIMITED";
inline constexpr char kWebhookSecretMissing[] = "WEBHOOK_SECRET_MISSING";
inline constexpr char kWebhookSignatureInvalid[] = "WEBHOOK_SIGNATURE_INVALID";
inline constexpr char kWebhookChallengeInvalid[] = "WEBHOOK_CHALLENGE_INVALID";
inline constexpr char kInboxKeyNotFound[] = "INBOX_KEY_NOT_FOUND";
inline constexpr char kRestoreUnfinished[] = "RESTORE_UNFINISHED";

}  // namespace shodan::tokenvault
