// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/activation_decision.h"

#include <optional>

namespace shodan::tokenvault {
namespace {

// The grant of the same Zoom user that the candidate would replace.
std::optional<LiveInterval> Holder(const ActivationFacts& facts) {
  if (facts.other.has_value()) return facts.other_live;
  if (facts.own_identity.has_value() && facts.own.state == GrantState::kActive &&
      SameIdentity(*facts.own_identity, *facts.pending->tags)) {
    return facts.own_live;
  }
  return std::nullopt;
}

bool ProvedAfter(const PendingGrant& grant, Time time) {
  return grant.proved_at.has_value() && *grant.proved_at > time;
}

}  // namespace

ActivationVerdict DecideActivation(const ActivationRequest& request, const ActivationFacts& facts) {
  if (!facts.pending.has_value() || facts.pending->project_id != request.project_id ||
      facts.pending->user_id != request.user_id) {
    return ActivationVerdict::kMissing;
  }
  const PendingGrant& candidate = *facts.pending;
  if (!candidate.tags.has_value()) return ActivationVerdict::kUnidentified;
  if (facts.own.state == GrantState::kDisconnecting) return ActivationVerdict::kDisconnecting;
  if (facts.own.generation != request.expected_generation) {
    return ActivationVerdict::kGenerationMismatch;
  }
  if (facts.other.has_value() && !facts.may_take_over) return ActivationVerdict::kHeldElsewhere;
  if (candidate.being_proved) return ActivationVerdict::kBeingProved;
  if (facts.revocation_under_way) return ActivationVerdict::kRevocationUnderWay;
  if (facts.revocation_ended_at.has_value() &&
      *facts.revocation_ended_at >= candidate.live.sent_at &&
      !ProvedAfter(candidate, *facts.revocation_ended_at)) {
    return ActivationVerdict::kNeedsProof;
  }
  const std::optional<LiveInterval> holder = Holder(facts);
  if (!holder.has_value() || candidate.live.sent_at > holder->stored_at) {
    return ActivationVerdict::kProceed;
  }
  if (holder->sent_at > candidate.live.stored_at) return ActivationVerdict::kDead;
  return ProvedAfter(candidate, holder->stored_at) ? ActivationVerdict::kProceed
                                                   : ActivationVerdict::kNeedsProof;
}

}  // namespace shodan::tokenvault
