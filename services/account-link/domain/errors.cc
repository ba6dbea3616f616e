// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/errors.h"

#include <chrono>

#include "libs/base/status.h"

namespace shodan::account_link {

absl::Status ProjectNotFound() {
  return NotFound(reason::kProjectNotFound, "There is no project with this id.");
}

absl::Status LinkNotFound() {
  return NotFound(reason::kLinkNotFound, "This user never connected a Zoom account.");
}

absl::Status CallNotFound() {
  return NotFound(reason::kCallNotFound, "You have no call with this id.");
}

absl::Status NoteNotFound() {
  return NotFound(reason::kNoteNotFound, "You have no note with this id.");
}

absl::Status EtagMismatch() {
  return Aborted(
      reason::kEtagMismatch,
      "The record was changed since you read it. Read it again, then repeat the change.");
}

absl::Status RequestIdReused() {
  return AlreadyExists(reason::kRequestIdReused,
                       "This requestId came before with other content. Use a new requestId for a "
                       "new request.");
}

absl::Status AttemptNotExchanged() {
  return FailedPrecondition(reason::kAttemptNotExchanged,
                            "The authorization was not finished at Zoom. Start it again.");
}

absl::Status PendingGrantDead() {
  return FailedPrecondition(reason::kPendingGrantDead,
                            "The authorization can no longer be used. Start it again.");
}

absl::Status LinkChanging() {
  return WithRetryAfter(Aborted(reason::kLinkChanging,
                                "The link is being changed by other requests. Repeat the call."),
                        std::chrono::seconds(1));
}

absl::Status ZoomUnavailable() {
  return WithRetryAfter(
      Unavailable(reason::kZoomUnavailable,
                  "Zoom does not answer at present. The connection is completed when it does."),
      std::chrono::seconds(2));
}

absl::Status ResumeTokenExpired() {
  return FailedPrecondition(reason::kResumeTokenExpired,
                            "Changes after this resumeToken are no longer kept. Begin with a "
                            "snapshot: open the stream without a token.");
}

absl::Status ApiKeyNotFound() {
  return NotFound(reason::kApiKeyNotFound, "This project has no API key with this id.");
}

absl::Status ApiKeyInvalid() {
  return Unauthenticated(reason::kApiKeyInvalid, "The API key is not valid.");
}

absl::Status ApiKeyRotating() {
  return FailedPrecondition(
      reason::kApiKeyRotating,
      "An earlier text of this API key is still accepted. Wait until it ends, "
      "or rotate with an overlap of 0, which ends every earlier text now.");
}

absl::Status TooManyApiKeys() {
  return FailedPrecondition(reason::kTooManyApiKeys,
                            "This project has 100 API keys. Delete one that is not used.");
}

absl::Status ConnectionNotFound() {
  return NotFound(reason::kConnectionNotFound, "This project has no connection with this id.");
}

absl::Status ConnectionIdTaken() {
  return AlreadyExists(reason::kConnectionIdTaken,
                       "Another user's connection has this connectionId. Choose another one.");
}

absl::Status ConnectionIdFixed() {
  return FailedPrecondition(reason::kConnectionIdFixed,
                            "This user's connection has another connectionId, which stays.");
}

absl::Status ConnectSessionInvalid() {
  return Unauthenticated(reason::kConnectSessionInvalid,
                         "The connect session has ended or never was. Create a new one.");
}

}  // namespace shodan::account_link
