// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/grant_intake.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/token-vault/domain/grants/late_tokens.h"
#include "services/token-vault/domain/grants/persist.h"

namespace shodan::tokenvault {
namespace {

// Nothing waits for a caller here: this bounds our own work.
constexpr std::chrono::milliseconds kIdentifyLimit{10'000};
constexpr int64_t kFirstTokenVersion = 1;

}  // namespace

absl::Status GrantIntake::Store(const Attempt& attempt, Time sent_at, const Secret& used,
                                const TokenSet& tokens, const Actor& actor) {
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
  const SealedTokens sealed = SealTokens(tokens, used, parts_.sealing.key_epoch(), seal);
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
  if (!stored) return HandOverLate(attempt, used, tokens);
  // Without the identity the attempt stays exchanged; the sweep tries again.
  const absl::Status identified =
      parts_.identification.Identify(grant, Deadline::After(kIdentifyLimit));
  if (!identified.ok()) {
    parts_.log.Warning("profile of a new grant could not be read",
                       {{"attempt_id", attempt.attempt_id}, {"reason", ReasonOf(identified)}});
  }
  return absl::OkStatus();
}

// The user disconnected while Zoom was asked: the eraser finds out whose grant it is, and revokes
// it.
absl::Status GrantIntake::HandOverLate(const Attempt& attempt, const Secret& used,
                                       const TokenSet& tokens) {
  LateTokens late;
  late.project_id = attempt.project_id;
  late.user_id = attempt.user_id;
  late.zoom_app_id = attempt.zoom_app_id;
  return QueueLateTokens(parts_.erasures, parts_.sealing, parts_.lifetimes, parts_.pause,
                         std::move(late), used, tokens);
}

}  // namespace shodan::tokenvault
