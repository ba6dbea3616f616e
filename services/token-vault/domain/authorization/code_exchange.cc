// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/code_exchange.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "services/token-vault/domain/authorization/authorization.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/grants/persist.h"

namespace shodan::tokenvault {
namespace {

// After the exchange nothing waits for the caller: these bound our own work.
constexpr std::chrono::milliseconds kAfterExchange{10'000};

absl::Status Mismatch() {
  return FailedPrecondition(kAttemptMismatch,
                            "This answer of Zoom belongs to no attempt of this browser.");
}

}  // namespace

absl::StatusOr<AttemptStanding> CodeExchange::Exchange(const Secret& state, const Secret& cookie,
                                                       const Secret& code, const std::string& error,
                                                       const Actor& actor, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<RedeemedAttempt> redeemed,
                          parts_.attempts.FindByState(Sha256(state), deadline));
  if (!redeemed.has_value() || !ConstantTimeEquals(redeemed->cookie_hash, Sha256(cookie))) {
    return Mismatch();
  }
  const Attempt& attempt = redeemed->attempt;
  if (attempt.state == AttemptState::kPending) {
    if (code.empty()) {
      const bool declined = error == "access_denied";
      SHODAN_RETURN_IF_ERROR(parts_.attempts.End(
          attempt.attempt_id, declined ? AttemptResult::kCancelled : AttemptResult::kSystemError,
          actor, deadline));
    } else {
      SHODAN_RETURN_IF_ERROR(AwaitRevocations(
          parts_.attempts, {attempt.project_id, attempt.user_id}, parts_.pause, deadline));
      CrashPoint("vault.exchange.before_consume");
      SHODAN_ASSIGN_OR_RETURN(const std::optional<Time> sent_at,
                              parts_.attempts.Consume(attempt.attempt_id, deadline));
      CrashPoint("vault.exchange.after_consume");
      if (sent_at.has_value()) {
        SHODAN_RETURN_IF_ERROR(ExchangeConsumed(*redeemed, *sent_at, code, actor));
      }
    }
  }
  return Get(attempt.project_id, attempt.user_id, attempt.attempt_id,
             Deadline::After(kAfterExchange));
}

absl::StatusOr<AttemptStanding> CodeExchange::Get(const std::string& project_id,
                                                  const std::string& user_id,
                                                  const std::string& attempt_id,
                                                  Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Attempt> attempt,
                          parts_.attempts.Find(project_id, user_id, attempt_id, deadline));
  if (!attempt.has_value()) return NotFound(kAttemptNotFound, "There is no such attempt.");
  return Stand(*attempt, deadline);
}

absl::StatusOr<AttemptStanding> CodeExchange::Stand(const Attempt& attempt, Deadline deadline) {
  AttemptStanding standing{attempt, {}};
  if (attempt.state != AttemptState::kExchanged) return standing;
  SHODAN_ASSIGN_OR_RETURN(const std::optional<PendingGrant> grant,
                          parts_.pending.Find(attempt.attempt_id, deadline));
  if (grant.has_value()) {
    if (!grant->tags.has_value()) return standing;
    SHODAN_ASSIGN_OR_RETURN(standing.identity, parts_.pending.Standing(*grant, deadline));
    if (standing.identity.match != IdentityMatch::kUnknown) return standing;
  }
  // Decided since the attempt was read, or the pending grant: its row tells how.
  SHODAN_ASSIGN_OR_RETURN(
      const std::optional<Attempt> decided,
      parts_.attempts.Find(attempt.project_id, attempt.user_id, attempt.attempt_id, deadline));
  if (decided.has_value()) standing.attempt = *decided;
  return standing;
}

absl::Status CodeExchange::ExchangeConsumed(const RedeemedAttempt& redeemed, Time sent_at,
                                            const Secret& code, const Actor& actor) {
  const Attempt& attempt = redeemed.attempt;
  const ZoomAppPtr app = parts_.apps.ById(attempt.zoom_app_id);
  const absl::StatusOr<Secret> verifier = parts_.sealing.OpenVerifier(
      attempt.attempt_id, {attempt.project_id, attempt.user_id}, redeemed.sealed_verifier);
  if (app == nullptr || !verifier.ok()) return End(attempt, AttemptResult::kSystemError, actor);

  TokenAnswer answer = parts_.zoom.ExchangeCode(*app, code, *verifier);
  CrashPoint("vault.exchange.after_answer");
  if (answer.verdict != TokenVerdict::kIssued || answer.tokens.refresh_token.empty()) {
    parts_.log.Warning("code exchange brought no grant", {{"attempt_id", attempt.attempt_id},
                                                          {"status", answer.status},
                                                          {"tracking_id", answer.tracking_id},
                                                          {"request_id", actor.request_id}});
    const bool lost =
        answer.verdict == TokenVerdict::kAmbiguous || answer.verdict == TokenVerdict::kIssued;
    return lost ? EndLost(attempt, actor) : End(attempt, AttemptResult::kSystemError, actor);
  }
  return parts_.intake.Store(attempt, sent_at, Secret(), answer.tokens, actor);
}

absl::Status CodeExchange::End(const Attempt& attempt, AttemptResult result, const Actor& actor) {
  return PersistUntilKnown(
      [&](Deadline deadline) {
        return parts_.attempts.End(attempt.attempt_id, result, actor, deadline);
      },
      parts_.lifetimes.persist, parts_.pause);
}

absl::Status CodeExchange::EndLost(const Attempt& attempt, const Actor& actor) {
  return PersistUntilKnown(
      [&](Deadline deadline) {
        return parts_.attempts.EndLost(attempt.attempt_id, actor, deadline);
      },
      parts_.lifetimes.persist, parts_.pause);
}

}  // namespace shodan::tokenvault
