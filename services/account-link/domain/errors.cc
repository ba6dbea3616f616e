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

}  // namespace shodan::account_link
