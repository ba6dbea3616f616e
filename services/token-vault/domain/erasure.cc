// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr int kBatch = 20;
constexpr milliseconds kLease{15'000};
constexpr milliseconds kRetryPause{2'000};
// Younger revocations belong to the request that began them.
constexpr milliseconds kSweepMinAge{10'000};
constexpr milliseconds kWriteLimit{5'000};

}  // namespace

absl::StatusOr<ErasureProgress> Erasure::Erase(const ErasureRequest& request, const Actor& actor,
                                               Deadline deadline) {
  CrashPoint("vault.erase.before_commit");
  SHODAN_ASSIGN_OR_RETURN(
      const ErasureProgress begun,
      parts_.erasures.Begin(request, parts_.lifetimes.erasure, actor, deadline));
  CrashPoint("vault.erase.after_commit");
  if (begun.wiped_at.has_value()) return begun;
  const Deadline zoom_deadline = deadline.Cap(parts_.lifetimes.revocation_in_request);
  SHODAN_ASSIGN_OR_RETURN(
      const std::vector<Revocation> revocations,
      parts_.erasures.Lease(request.link_id, milliseconds(0), kLease, kBatch, deadline));
  for (const Revocation& revocation : revocations) {
    SHODAN_RETURN_IF_ERROR(Finish(revocation, zoom_deadline));
  }
  return parts_.erasures.Progress(request.decision_id, deadline);
}

absl::Status Erasure::Sweep(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<Revocation> revocations,
                          parts_.erasures.Lease("", kSweepMinAge, kLease, kBatch, deadline));
  absl::Status first_error;
  for (const Revocation& revocation : revocations) {
    first_error.Update(Finish(revocation, Deadline::After(parts_.lifetimes.revocation_in_request)));
  }
  return first_error;
}

absl::Status Erasure::Finish(const Revocation& revocation, Deadline deadline) {
  Result result = Result::kGone;
  if (revocation.permitted && !revocation.overdue) result = RevokeAtZoom(revocation, deadline);
  parts_.metrics.Count("shodan_vault_revocation_total", "Revocations by result.",
                       {{"result", result == Result::kConfirmed ? "confirmed"
                                   : result == Result::kGone    ? "unconfirmed"
                                                                : "open"}});
  CrashPoint("vault.erase.before_wipe");
  // The wipe itself must not fail because Zoom took the time.
  const Deadline write_deadline = Deadline::After(kWriteLimit);
  if (result == Result::kOpen) {
    return parts_.erasures.Postpone(revocation.revocation_id, kRetryPause, write_deadline);
  }
  const absl::Status wiped =
      parts_.erasures.Wipe(revocation.revocation_id, result == Result::kConfirmed, write_deadline);
  CrashPoint("vault.erase.after_wipe");
  return wiped;
}

// The access token first: revoking it ends the whole grant at Zoom, while some servers take no
// refresh token. If neither is confirmed, one refresh may bring a token that is.
Erasure::Result Erasure::RevokeAtZoom(const Revocation& revocation, Deadline deadline) {
  const ZoomAppPtr app = parts_.apps.ById(revocation.zoom_app_id);
  if (app == nullptr || app->revocation_url.empty()) return Result::kGone;
  const Owner owner{revocation.project_id, revocation.user_id};
  bool unknown = false;
  std::optional<Secret> refresh_token;
  if (revocation.sealed_refresh_token.has_value()) {
    absl::StatusOr<Secret> opened = parts_.sealing.OpenRevocationToken(
        Sealing::TokenKind::kRefresh, owner, *revocation.sealed_refresh_token);
    if (opened.ok()) refresh_token = *std::move(opened);
  }
  if (revocation.sealed_access_token.has_value() && revocation.access_token_usable) {
    const absl::StatusOr<Secret> access_token = parts_.sealing.OpenRevocationToken(
        Sealing::TokenKind::kAccess, owner, *revocation.sealed_access_token);
    if (access_token.ok() && !access_token->empty()) {
      const RevokeAnswer answer = parts_.zoom.Revoke(*app, *access_token, deadline.Remaining());
      CrashPoint("vault.erase.after_revoke");
      if (answer == RevokeAnswer::kConfirmed) return Result::kConfirmed;
      unknown = answer == RevokeAnswer::kUnknown;
    }
  }
  if (!refresh_token.has_value()) return unknown ? Result::kOpen : Result::kGone;
  const RevokeAnswer answer = parts_.zoom.Revoke(*app, *refresh_token, deadline.Remaining());
  if (answer == RevokeAnswer::kConfirmed) return Result::kConfirmed;
  if (unknown || answer == RevokeAnswer::kUnknown) return Result::kOpen;
  return RevokeFresh(*app, revocation, *refresh_token, deadline);
}

Erasure::Result Erasure::RevokeFresh(const ZoomApp& app, const Revocation& revocation,
                                     const Secret& refresh_token, Deadline deadline) {
  const TokenAnswer answer = parts_.zoom.Refresh(app, refresh_token);
  if (answer.verdict == TokenVerdict::kRejected) return Result::kGone;
  if (answer.verdict != TokenVerdict::kIssued) return Result::kOpen;
  const Owner owner{revocation.project_id, revocation.user_id};
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return parts_.sealing.SealRevocationToken(kind, revocation.revocation_id, owner, token);
  };
  const TokenSet& tokens = answer.tokens;
  const SealedTokens sealed{
      seal(Sealing::TokenKind::kAccess, tokens.access_token),
      seal(Sealing::TokenKind::kRefresh,
           tokens.refresh_token.empty() ? refresh_token : tokens.refresh_token),
      "", tokens.expires_in, parts_.sealing.key_epoch()};
  const absl::Status kept =
      parts_.erasures.ReplaceTokens(revocation.revocation_id, sealed, Deadline::After(kWriteLimit));
  if (!kept.ok()) {
    parts_.log.Warning("fresh tokens of a revocation could not be kept",
                       {{"reason", ReasonOf(kept)}});
  }
  return parts_.zoom.Revoke(app, tokens.access_token, deadline.Remaining()) ==
                 RevokeAnswer::kConfirmed
             ? Result::kConfirmed
             : Result::kOpen;
}

}  // namespace shodan::tokenvault
