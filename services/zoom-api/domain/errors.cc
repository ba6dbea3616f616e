// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/errors.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::zoomapi {

absl::Status NotConnected() {
  return NotFound(reason::kNotConnected,
                  "The user has no connected Zoom account; connect one first.");
}

absl::Status ScopeMissing(const std::vector<std::string>& scopes) {
  std::string list;
  for (const std::string& scope : scopes) {
    if (!list.empty()) list += ' ';
    list += scope;
  }
  const std::string which = scopes.empty() ? "a scope that Zoom asks for" : scopes.front();
  return MakeError(absl::StatusCode::kPermissionDenied, reason::kScopeMissing,
                   Join("The Zoom connection lacks ", which,
                        ". The administrator adds the scope to the Zoom app, then the user "
                        "reconnects."),
                   {{"scopes", list}});
}

absl::Status ZoomUnavailable() {
  return Unavailable(
      reason::kZoomUnavailable,
      "Zoom does not answer at present. Nothing was done; repeat the request later.");
}

absl::Status VaultUnavailable() {
  return Unavailable(
      reason::kVaultUnavailable,
      "The token vault does not answer at present. Nothing was done; repeat the request later.");
}

absl::Status DatabaseUnavailable() {
  return Unavailable(
      reason::kDatabaseUnavailable,
      "The database does not answer at present, and without it nothing is changed at "
      "Zoom. Nothing was done; repeat the request later.");
}

absl::Status ServerBusy() {
  return WithRetryAfter(ResourceExhausted(reason::kServerBusy,
                                          "The service is at its limit; repeat the request later."),
                        std::chrono::seconds(1));
}

absl::Status OutcomeUnknown() {
  return Aborted(reason::kOutcomeUnknown,
                 "Whether Zoom did what was asked is not known. Look at Zoom before sending it "
                 "again under a new request id.");
}

absl::Status MeetingNotFound() {
  return NotFound(reason::kMeetingNotFound, "Zoom has no meeting of this number for the user.");
}

absl::Status RegistrantNotFound() {
  return NotFound(reason::kRegistrantNotFound, "The meeting has no registrant of this id at Zoom.");
}

absl::Status ZoomAnswerUnreadable(std::string_view what) {
  return Unavailable(reason::kZoomAnswerUnreadable,
                     Join("Zoom's answer cannot be read: ", what, "."));
}

absl::Status RequestCompleted(int zoom_status) {
  return MakeError(absl::StatusCode::kAlreadyExists, reason::kRequestCompleted,
                   "Zoom has already answered a request of this id; it was not sent again.",
                   {{"zoom_status", std::to_string(zoom_status)}});
}

absl::Status RequestIdReused() {
  return AlreadyExists(reason::kRequestIdReused,
                       "Another request was sent under this request id; choose a new one.");
}

absl::Status RequestNotRepeatable() {
  return FailedPrecondition(
      reason::kRequestNotRepeatable,
      "Zoom refused the access token, and the body is too long to be kept for a second attempt. "
      "Nothing was done; send the request again.");
}

absl::Status AnswerTooLarge() {
  return MakeError(absl::StatusCode::kOutOfRange, reason::kAnswerTooLarge,
                   "Zoom's answer is longer than this service passes on.");
}

absl::Status CallCancelled() {
  return MakeError(absl::StatusCode::kCancelled, reason::kCallCancelled, "The caller has left.");
}

absl::Status DeadlinePassed() {
  return DeadlineExceeded(reason::kDeadlinePassed,
                          "The call's time was over before the request could be sent.");
}

}  // namespace shodan::zoomapi
