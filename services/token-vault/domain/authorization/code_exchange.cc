// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/code_exchange.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "services/token-vault/domain/authorization/authorization.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/grants/late_tokens.h"
#include "services/token-vault/domain/grants/persist.h"

namespace shodan::tokenvault {
namespace {

// After the exchange nothing waits for the caller: these bound our own work.
constexpr std::chrono::milliseconds kAfterExchange{10'000};
constexpr int64_t kFirstTokenVersion = 1;

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
  if (!grant.has_value()) {
    // Decided since the attempt was read: its row tells how.
    SHODAN_ASSIGN_OR_RETURN(
        const std::optional<Attempt> decided,
        parts_.attempts.Find(attempt.project_id, attempt.user_id, attempt.attempt_id, deadline));
    if (decided.has_value()) standing.attempt = *decided;
    return standing;
  }
  if (!grant->tags.has_value()) return standing;
  SHODAN_ASSIGN_OR_RETURN(standing.identity, parts_.pending.Standing(*grant, deadline));
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
  return Store(attempt, sent_at, answer.tokens, actor);
}

absl::Status CodeExchange::Store(const Attempt& attempt, Time sent_at, const TokenSet& tokens,
                                 const Actor& actor) {
  const Owner owner{attempt.project_id, attempt.user_id};
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return parts_.sealing.SealPendingToken(kind, attempt.attempt_id, owner, kFirstTokenVersion,
                                           token);
  };
  PendingGrant grant;
  grant.attempt_id = attempt.attempt_id;
  grant.project_id = attempt.project_id;
  grant.user_id = attempt.user_id;
  grant.zoom_app_id = attempt.zoom_app_id;
  grant.token_version = kFirstTokenVersion;
  grant.live.sent_at = sent_at;
  const SealedTokens sealed =
      SealTokens(tokens, tokens.refresh_token, parts_.sealing.key_epoch(), seal);
  grant.sealed_access_token = sealed.sealed_access_token;
  grant.sealed_refresh_token = sealed.sealed_refresh_token;
  bool stored = false;
  CrashPoint("vault.exchange.before_store");
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) {
        absl::StatusOr<bool> result = parts_.pending.Insert(grant, sealed, actor, deadline);
        if (result.ok()) stored = *result;
        return result.status();
      },
      parts_.lifetimes.persist, parts_.pause));
  CrashPoint("vault.exchange.after_store");
  if (!stored) return HandOverLate(attempt, tokens);
  // Without the identity the attempt stays exchanged; the sweep tries again.
  const absl::Status identified =
      parts_.identification.Identify(grant, Deadline::After(kAfterExchange));
  if (!identified.ok()) {
    parts_.log.Warning("profile of a new grant could not be read",
                       {{"attempt_id", attempt.attempt_id}, {"reason", ReasonOf(identified)}});
  }
  return absl::OkStatus();
}

// The user disconnected while the code was being exchanged: the eraser finds out whose grant it is,
// and revokes it.
absl::Status CodeExchange::HandOverLate(const Attempt& attempt, const TokenSet& tokens) {
  LateTokens late;
  late.project_id = attempt.project_id;
  late.user_id = attempt.user_id;
  late.zoom_app_id = attempt.zoom_app_id;
  return QueueLateTokens(parts_.erasures, parts_.sealing, parts_.lifetimes, parts_.pause,
                         std::move(late), Secret(), tokens);
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
