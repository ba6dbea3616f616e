// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/erasure/erasure.h"

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr int kBatch = 20;
constexpr milliseconds kLeaseSlack{2'000};
constexpr milliseconds kRetryPause{2'000};
// With less left a refresh would more likely lose its answer than bring one.
constexpr milliseconds kRefreshTimeMin{1'000};
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
      parts_.erasures.Lease(request.link_id, milliseconds(0), LeaseTime(), kBatch, deadline));
  for (const Revocation& revocation : revocations) {
    SHODAN_RETURN_IF_ERROR(Finish(revocation, zoom_deadline));
  }
  File(request.link_id);
  return parts_.erasures.Progress(request.decision_id, deadline);
}

// One at a time: each may take as long as Zoom hangs, and an overdue one must wait for no other.
absl::Status Erasure::Sweep(Deadline deadline) {
  absl::Status first_error;
  File("");
  while (!deadline.Expired()) {
    SHODAN_ASSIGN_OR_RETURN(const std::vector<Revocation> next,
                            parts_.erasures.Lease("", YoungTime(), LeaseTime(), 1, deadline));
    if (next.empty()) break;
    first_error.Update(Finish(next[0], Deadline::After(parts_.lifetimes.revocation_in_request)));
    File("");
  }
  return first_error;
}

void Erasure::File(const std::string& link_id) {
  const absl::Status filed =
      parts_.ledger.File(link_id, milliseconds(0), Deadline::After(kWriteLimit));
  if (!filed.ok()) {
    parts_.log.Warning("an erasure waits for the ledger", {{"reason", ReasonOf(filed)}});
  }
}

milliseconds Erasure::YoungTime() const { return 2 * parts_.lifetimes.revocation_in_request; }

milliseconds Erasure::LeaseTime() const {
  return parts_.lifetimes.revocation_in_request + kLeaseSlack;
}

absl::Status Erasure::Finish(const Revocation& revocation, Deadline deadline) {
  Result result = Result::kGone;
  if (!revocation.overdue) result = RevokeAtZoom(revocation, deadline);
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
  if (!revocation.identified) {
    const std::optional<Result> unidentified = Identify(*app, revocation, deadline);
    if (unidentified.has_value()) return *unidentified;
  }
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
      const Sent sent = Send(*app, revocation, *access_token, deadline);
      CrashPoint("vault.erase.after_revoke");
      if (sent == Sent::kConfirmed) return Result::kConfirmed;
      if (sent == Sent::kNotPermitted) return Result::kGone;
      unknown = sent == Sent::kUnknown;
    }
  }
  if (!refresh_token.has_value()) return unknown ? Result::kOpen : Result::kGone;
  const Sent sent = Send(*app, revocation, *refresh_token, deadline);
  if (sent == Sent::kConfirmed) return Result::kConfirmed;
  if (sent == Sent::kNotPermitted) return Result::kGone;
  if (unknown || sent == Sent::kUnknown) return Result::kOpen;
  return RevokeFresh(*app, revocation, *refresh_token, deadline);
}

// A disconnect came before Zoom had told whose grant the exchange brought. Unknown, it might be the
// Zoom user of another link, who must not lose his; so Zoom is asked first.
std::optional<Erasure::Result> Erasure::Identify(const ZoomApp& app, const Revocation& revocation,
                                                 Deadline deadline) {
  if (!revocation.sealed_access_token.has_value() || !revocation.access_token_usable) {
    return Result::kGone;
  }
  const absl::StatusOr<Secret> access_token = parts_.sealing.OpenRevocationToken(
      Sealing::TokenKind::kAccess, {revocation.project_id, revocation.user_id},
      *revocation.sealed_access_token);
  if (!access_token.ok()) return Result::kGone;
  if (deadline.Expired()) return Result::kOpen;
  const absl::StatusOr<ZoomProfile> profile =
      parts_.zoom.ReadProfile(app, *access_token, deadline.Remaining());
  if (!profile.ok()) {
    return HasReason(profile.status(), kZoomTokenRefused) ? Result::kGone : Result::kOpen;
  }
  const IdentityTags tags =
      parts_.sealing.Tags(revocation.zoom_app_id, profile->account_id, profile->user_id);
  const absl::Status noted =
      parts_.erasures.Identify(revocation.revocation_id, tags, Deadline::After(kWriteLimit));
  if (!noted.ok()) return Result::kOpen;
  return std::nullopt;
}

Erasure::Sent Erasure::Send(const ZoomApp& app, const Revocation& revocation, const Secret& token,
                            Deadline deadline) {
  if (deadline.Expired()) return Sent::kUnknown;
  const absl::StatusOr<bool> permitted =
      parts_.erasures.Permit(revocation.revocation_id, Deadline::After(kWriteLimit));
  if (!permitted.ok()) return Sent::kUnknown;
  if (!*permitted) return Sent::kNotPermitted;
  switch (parts_.zoom.Revoke(app, token, deadline.Remaining())) {
    case RevokeAnswer::kConfirmed:
      return Sent::kConfirmed;
    case RevokeAnswer::kRefused:
      return Sent::kRefused;
    case RevokeAnswer::kUnknown:
      return Sent::kUnknown;
  }
  return Sent::kUnknown;
}

Erasure::Result Erasure::RevokeFresh(const ZoomApp& app, const Revocation& revocation,
                                     const Secret& refresh_token, Deadline deadline) {
  if (deadline.Remaining() < kRefreshTimeMin) return Result::kOpen;
  const TokenAnswer answer = parts_.zoom.Refresh(app, refresh_token, deadline.Remaining());
  if (answer.verdict == TokenVerdict::kRejected) return Result::kGone;
  if (answer.verdict != TokenVerdict::kIssued) return Result::kOpen;
  const Owner owner{revocation.project_id, revocation.user_id};
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return parts_.sealing.SealRevocationToken(kind, revocation.revocation_id, owner, token);
  };
  const TokenSet& tokens = answer.tokens;
  const SealedTokens sealed = SealTokens(tokens, refresh_token, parts_.sealing.key_epoch(), seal);
  const absl::Status kept =
      parts_.erasures.ReplaceTokens(revocation.revocation_id, sealed, Deadline::After(kWriteLimit));
  if (!kept.ok()) {
    parts_.log.Warning("fresh tokens of a revocation could not be kept",
                       {{"reason", ReasonOf(kept)}});
  }
  const Sent sent = Send(app, revocation, tokens.access_token, deadline);
  if (sent == Sent::kNotPermitted) return Result::kGone;
  return sent == Sent::kConfirmed ? Result::kConfirmed : Result::kOpen;
}

}  // namespace shodan::tokenvault
