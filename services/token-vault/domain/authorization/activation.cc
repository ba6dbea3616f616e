// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/activation.h"

#include <tuple>
#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/authorization/activation_decision.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/domain/grants/late_tokens.h"
#include "services/token-vault/domain/grants/persist.h"

namespace shodan::tokenvault {
namespace {

constexpr int kRoundsMax = 4;
constexpr std::chrono::seconds kRetryHint{1};
constexpr std::chrono::milliseconds kFileLimit{2'000};
constexpr size_t kLinkDataKeyBytes = 32;

absl::Status ErrorFor(ActivationVerdict verdict) {
  switch (verdict) {
    case ActivationVerdict::kProceed:
      return absl::OkStatus();
    case ActivationVerdict::kMissing:
      return NotFound(kPendingGrantNotFound, "There is no such pending grant.");
    case ActivationVerdict::kUnidentified:
      return Unavailable(kZoomUnavailable, "Zoom has not told yet whose grant this is.");
    case ActivationVerdict::kGenerationMismatch:
      return Aborted(kGenerationMismatch, "The link changed; read it and decide again.");
    case ActivationVerdict::kDisconnecting:
      return FailedPrecondition(kLinkDisconnecting, "The link is being disconnected.");
    case ActivationVerdict::kHeldElsewhere:
      return FailedPrecondition(kConnectedElsewhere,
                                "Another user is connected to this Zoom account.");
    case ActivationVerdict::kBeingProved:
      return WithRetryAfter(
          Unavailable(kActivationInProgress, "The same activation is under way already."),
          kRetryHint);
    case ActivationVerdict::kRevocationUnderWay:
      return WithRetryAfter(
          Unavailable(kRevocationInProgress,
                      "An earlier disconnect of the Zoom user is still being confirmed by Zoom."),
          kRetryHint);
    case ActivationVerdict::kDead:
      return FailedPrecondition(kPendingGrantDead,
                                "The Zoom user authorized the app again elsewhere.");
    case ActivationVerdict::kNeedsProof:
      return Unavailable(kPendingGrantNotProved, "It is not yet known whether the grant lives.");
  }
  return Internal("UNEXPECTED", "Unknown verdict.");
}

}  // namespace

absl::StatusOr<Activation> ActivationService::Activate(const ActivationRequest& request,
                                                       const Actor& actor, Deadline deadline) {
  for (int round = 0; round < kRoundsMax; ++round) {
    CrashPoint("vault.activate.before_commit");
    absl::StatusOr<Activation> activation = parts_.activations.Activate(
        request, [&](const ActivationFacts& facts) { return MakePlan(request, facts); }, actor,
        deadline);
    CrashPoint("vault.activate.after_commit");
    if (HasReason(activation.status(), kPendingGrantDead)) {
      SHODAN_RETURN_IF_ERROR(DropDead(request, actor, deadline));
      return activation;
    }
    if (activation.ok() && activation->superseded.has_value()) FileEnded(*activation->superseded);
    if (!HasReason(activation.status(), kPendingGrantNotProved)) return activation;
    SHODAN_RETURN_IF_ERROR(Prove(request, actor, deadline));
  }
  return ErrorFor(ActivationVerdict::kNeedsProof);
}

void ActivationService::FileEnded(const SupersededLink& ended) {
  const absl::Status filed =
      parts_.ledger.File(ended.link_id, std::chrono::milliseconds(0), Deadline::After(kFileLimit));
  if (!filed.ok()) {
    parts_.log.Warning("a life that was taken over is filed later", {{"reason", ReasonOf(filed)}});
  }
}

absl::StatusOr<ActivationPlan> ActivationService::MakePlan(const ActivationRequest& request,
                                                           const ActivationFacts& facts) const {
  SHODAN_RETURN_IF_ERROR(ErrorFor(DecideActivation(request, facts)));
  const PendingGrant& candidate = *facts.pending;
  const Owner owner{request.project_id, request.user_id};
  const Sealing& sealing = parts_.sealing;
  ActivationPlan plan;
  plan.generation = facts.own.generation + 1;
  plan.token_version = facts.own.token_version + 1;
  plan.key_epoch = sealing.key_epoch();
  for (const auto& [kind, from, to] :
       {std::tuple(Sealing::TokenKind::kAccess, &candidate.sealed_access_token,
                   &plan.sealed_access_token),
        std::tuple(Sealing::TokenKind::kRefresh, &candidate.sealed_refresh_token,
                   &plan.sealed_refresh_token)}) {
    SHODAN_ASSIGN_OR_RETURN(const Secret token,
                            sealing.OpenPendingToken(kind, candidate.attempt_id, owner,
                                                     candidate.token_version, *from));
    *to = sealing.SealGrantToken(kind, request.link_id, owner, plan.generation, plan.token_version,
                                 token);
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Secret profile,
      sealing.OpenPendingProfile(candidate.attempt_id, owner,
                                 candidate.sealed_profile.value_or(std::string())));
  plan.sealed_profile = sealing.SealProfileField(Sealing::ProfileField::kProfile, request.link_id,
                                                 owner, plan.generation, profile);
  // The same Zoom user keeps the link data key: what was sealed under it stays readable.
  Secret data_key = RandomSecret(kLinkDataKeyBytes);
  if (facts.own_sealed_link_data_key.has_value() && facts.own_identity.has_value() &&
      SameIdentity(*facts.own_identity, *candidate.tags)) {
    SHODAN_ASSIGN_OR_RETURN(
        data_key,
        sealing.OpenProfileField(Sealing::ProfileField::kLinkDataKey, request.link_id, owner,
                                 facts.own_profile_generation, *facts.own_sealed_link_data_key));
  }
  plan.sealed_link_data_key = sealing.SealProfileField(
      Sealing::ProfileField::kLinkDataKey, request.link_id, owner, plan.generation, data_key);
  return plan;
}

absl::Status ActivationService::Prove(const ActivationRequest& request, const Actor& actor,
                                      Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const std::optional<Time> begun_at,
      parts_.pending.LeaseForProof(request.attempt_id, parts_.lifetimes.lease, deadline));
  if (!begun_at.has_value()) return ErrorFor(ActivationVerdict::kBeingProved);
  SHODAN_ASSIGN_OR_RETURN(const std::optional<PendingGrant> candidate,
                          parts_.pending.Find(request.attempt_id, deadline));
  if (!candidate.has_value()) return ErrorFor(ActivationVerdict::kMissing);
  SHODAN_ASSIGN_OR_RETURN(const Proof proof, RefreshCandidate(*candidate, *begun_at));
  if (proof == Proof::kAlive) return absl::OkStatus();
  if (proof == Proof::kDead) {
    SHODAN_RETURN_IF_ERROR(DropDead(request, actor, deadline));
    return ErrorFor(ActivationVerdict::kDead);
  }
  SHODAN_RETURN_IF_ERROR(parts_.pending.ReleaseProof(request.attempt_id, deadline));
  return ErrorFor(ActivationVerdict::kNeedsProof);
}

absl::StatusOr<ActivationService::Proof> ActivationService::RefreshCandidate(
    const PendingGrant& candidate, Time begun_at) {
  const ZoomAppPtr app = parts_.apps.ById(candidate.zoom_app_id);
  if (app == nullptr) return Proof::kUnknown;
  SHODAN_ASSIGN_OR_RETURN(
      const Secret refresh_token,
      parts_.sealing.OpenPendingToken(Sealing::TokenKind::kRefresh, candidate.attempt_id,
                                      {candidate.project_id, candidate.user_id},
                                      candidate.token_version, candidate.sealed_refresh_token));
  TokenAnswer answer = parts_.zoom.Refresh(*app, refresh_token);
  if (answer.verdict == TokenVerdict::kAmbiguous) {
    answer = parts_.zoom.Refresh(*app, refresh_token);
  }
  if (answer.verdict == TokenVerdict::kRejected) return Proof::kDead;
  if (answer.verdict != TokenVerdict::kIssued) return Proof::kUnknown;
  return StoreProof(candidate, refresh_token, answer.tokens, begun_at);
}

absl::StatusOr<ActivationService::Proof> ActivationService::StoreProof(
    const PendingGrant& candidate, const Secret& used, const TokenSet& tokens, Time begun_at) {
  const Owner owner{candidate.project_id, candidate.user_id};
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return parts_.sealing.SealPendingToken(kind, candidate.attempt_id, owner,
                                           candidate.token_version + 1, token);
  };
  const SealedTokens sealed = SealTokens(tokens, used, parts_.sealing.key_epoch(), seal);
  bool stored = false;
  bool gone = false;
  SHODAN_RETURN_IF_ERROR(PersistUntilKnown(
      [&](Deadline deadline) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(
            stored, parts_.pending.StoreProof(candidate.attempt_id, candidate.token_version, sealed,
                                              begun_at, deadline));
        if (stored) return absl::OkStatus();
        SHODAN_ASSIGN_OR_RETURN(const std::optional<PendingGrant> now,
                                parts_.pending.Find(candidate.attempt_id, deadline));
        gone = !now.has_value();
        return absl::OkStatus();
      },
      parts_.lifetimes.persist, parts_.pause));
  if (gone) SHODAN_RETURN_IF_ERROR(HandOverLate(candidate, used, tokens));
  return stored ? Proof::kAlive : Proof::kUnknown;
}

// The user disconnected while Zoom was asked: what was moved out for revocation is not the token
// that lives now.
absl::Status ActivationService::HandOverLate(const PendingGrant& candidate, const Secret& used,
                                             const TokenSet& tokens) {
  if (!candidate.tags.has_value()) return absl::OkStatus();
  LateTokens late;
  late.project_id = candidate.project_id;
  late.user_id = candidate.user_id;
  late.zoom_app_id = candidate.zoom_app_id;
  late.tags = candidate.tags;
  return QueueLateTokens(parts_.erasures, parts_.sealing, parts_.lifetimes, parts_.pause,
                         std::move(late), used, tokens);
}

absl::Status ActivationService::DropDead(const ActivationRequest& request, const Actor& actor,
                                         Deadline deadline) {
  parts_.log.Info("a pending grant is dead", {{"attempt_id", request.attempt_id}});
  return Discard(request.attempt_id, request.decision_id, AttemptResult::kSystemError, actor,
                 deadline);
}

absl::Status ActivationService::Discard(const std::string& attempt_id,
                                        const std::string& decision_id, AttemptResult result,
                                        const Actor& actor, Deadline deadline) {
  CrashPoint("vault.discard.before_commit");
  SHODAN_ASSIGN_OR_RETURN(const bool known,
                          parts_.pending.Discard(attempt_id, decision_id, result, actor, deadline));
  CrashPoint("vault.discard.after_commit");
  return known ? absl::OkStatus() : ErrorFor(ActivationVerdict::kMissing);
}

}  // namespace shodan::tokenvault
