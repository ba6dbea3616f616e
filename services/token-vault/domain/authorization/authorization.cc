// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/authorization.h"

#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kRevocationWait{3'000};
constexpr std::chrono::milliseconds kRevocationPoll{50};
// The caller is told to come back, so what remains of his time must suffice for an answer.
constexpr std::chrono::milliseconds kAnswerReserve{1'000};
// RFC 7636 section 4.1 asks for 43 to 128 characters; 48 bytes give 64.
constexpr size_t kVerifierBytes = 48;

absl::Status TicketInvalid() {
  return FailedPrecondition(kTicketInvalid,
                            "The link to Zoom was used already or is too old; start again.");
}

}  // namespace

absl::Status AwaitRevocations(AttemptStore& attempts, const Owner& owner, const Pause& pause,
                              Deadline deadline) {
  const Deadline end = Deadline::At(deadline.when() - kAnswerReserve).Cap(kRevocationWait);
  while (true) {
    SHODAN_ASSIGN_OR_RETURN(const bool open,
                            attempts.HasOpenRevocation(owner.project_id, owner.user_id, deadline));
    if (!open) return absl::OkStatus();
    if (end.Expired()) {
      return WithRetryAfter(
          Unavailable(kRevocationInProgress,
                      "An earlier disconnect is still being confirmed by Zoom; try again shortly."),
          std::chrono::seconds(5));
    }
    pause(kRevocationPoll);
  }
}

std::string AttemptCookieName(const Secret& state) {
  return "__Host-shodan-attempt-" + HexEncode(Sha256(state)).substr(0, 16);
}

Authorization::Authorization(AttemptStore& attempts, const ZoomApps& apps, const Sealing& sealing,
                             const Lifetimes& lifetimes, Pause pause)
    : attempts_(attempts),
      apps_(apps),
      sealing_(sealing),
      lifetimes_(lifetimes),
      pause_(std::move(pause)) {}

absl::StatusOr<StartedAuthorization> Authorization::Start(
    const std::string& project_id, const std::string& user_id, const std::string& user_display_name,
    Purpose purpose, const std::string& attempt_id, const Actor& actor, Deadline deadline) {
  const ZoomAppPtr app = apps_.ForProject(project_id);
  if (app == nullptr) return NotFound(kProjectNotFound, "There is no such project.");
  SHODAN_RETURN_IF_ERROR(AwaitRevocations(attempts_, {project_id, user_id}, pause_, deadline));
  StartedAuthorization started;
  started.ticket = RandomToken();
  NewAttempt attempt;
  attempt.attempt_id = attempt_id.empty() ? RandomUuid() : attempt_id;
  attempt.project_id = project_id;
  attempt.user_id = user_id;
  attempt.user_display_name = user_display_name;
  attempt.zoom_app_id = app->zoom_app_id;
  attempt.purpose = purpose;
  attempt.ticket_hash = Sha256(started.ticket);
  attempt.ticket_lifetime = lifetimes_.ticket;
  attempt.attempt_lifetime = lifetimes_.attempt;
  SHODAN_ASSIGN_OR_RETURN(started.attempt, attempts_.Insert(attempt, actor, deadline));
  started.ticket_expires_at = started.attempt.created_at + lifetimes_.ticket;
  return started;
}

absl::StatusOr<RedeemedTicket> Authorization::Redeem(const Secret& ticket,
                                                     const std::optional<Owner>& session_user,
                                                     bool confirmed, Deadline deadline) {
  const std::string ticket_hash = Sha256(ticket);
  SHODAN_ASSIGN_OR_RETURN(const std::optional<TicketedAttempt> found,
                          attempts_.FindByTicket(ticket_hash, deadline));
  if (!found.has_value()) return TicketInvalid();
  const Attempt& attempt = found->attempt;
  RedeemedTicket redeemed;
  redeemed.project_id = attempt.project_id;
  if (session_user.has_value()) {
    if (session_user->project_id != attempt.project_id ||
        session_user->user_id != attempt.user_id) {
      return PermissionDenied(kTicketOtherUser,
                              "This link was made for another user; sign in as that user.");
    }
  } else if (!confirmed) {
    redeemed.confirm_user_name =
        found->user_display_name.empty() ? attempt.user_id : found->user_display_name;
    return redeemed;
  }
  const ZoomAppPtr app = apps_.ById(attempt.zoom_app_id);
  if (app == nullptr) return NotFound(kProjectNotFound, "The project's Zoom app is gone.");

  const Secret state = RandomToken();
  const Secret verifier = RandomToken(kVerifierBytes);
  redeemed.cookie_value = RandomToken();
  redeemed.cookie_name = AttemptCookieName(state);
  redeemed.max_age = lifetimes_.attempt;
  redeemed.authorization_url = Secret::Take(OAuthServer::AuthorizationUrl(*app, state, verifier));
  Redemption redemption;
  redemption.state_hash = Sha256(state);
  redemption.cookie_hash = Sha256(redeemed.cookie_value);
  redemption.sealed_verifier =
      sealing_.SealVerifier(attempt.attempt_id, {attempt.project_id, attempt.user_id}, verifier);
  SHODAN_ASSIGN_OR_RETURN(const bool first, attempts_.Redeem(ticket_hash, redemption, deadline));
  if (!first) return TicketInvalid();
  return redeemed;
}

}  // namespace shodan::tokenvault
