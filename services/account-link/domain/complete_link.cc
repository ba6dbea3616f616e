// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/complete_link.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/audit_entry.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

// Why a decision ended without being carried out, where the vault gave no reason.
constexpr std::string_view kReplaced = "DECISION_REPLACED";

absl::Status SaveAndAudit(LinkTransaction& transaction, const Link& link, const Actor& actor) {
  SHODAN_RETURN_IF_ERROR(transaction.SaveLink(link));
  return transaction.AppendAudit(AuditOf(link, actor));
}

absl::Status RecordSuperseded(LinkTransaction& transaction, const SupersededLink& superseded,
                              const Actor& actor) {
  SHODAN_ASSIGN_OR_RETURN(LockedLink locked,
                          transaction.LockOrCreateLink(superseded.owner, superseded.link_id));
  if (locked.link.link_id != superseded.link_id) return absl::OkStatus();
  if (!EndTakenOver(locked.link, superseded.generation, locked.now)) return absl::OkStatus();
  return SaveAndAudit(transaction, locked.link, actor);
}

absl::StatusOr<Link> RecordOwn(LinkTransaction& transaction, const Decision& decision,
                               int64_t generation) {
  SHODAN_ASSIGN_OR_RETURN(LockedLink locked,
                          transaction.LockOrCreateLink(decision.owner, decision.link_id));
  if (Activate(locked.link, generation, locked.now)) {
    SHODAN_RETURN_IF_ERROR(SaveAndAudit(transaction, locked.link, decision.actor));
  }
  return locked.link;
}

// The undone decision when it still fits the verdict; nullopt when a new one must be made.
absl::StatusOr<std::optional<Decision>> Reuse(LinkTransaction& transaction, Decision undone,
                                              const Verdict& verdict, int64_t generation) {
  // A refusal may have reached the vault and the user already: it stands.
  if (undone.kind == DecisionKind::kDiscard) return std::optional<Decision>(std::move(undone));
  if (verdict.kind == DecisionKind::kActivate) {
    if (undone.expected_generation != generation) {
      SHODAN_RETURN_IF_ERROR(transaction.SetExpectedGeneration(undone.decision_id, generation));
      undone.expected_generation = generation;
    }
    return std::optional<Decision>(std::move(undone));
  }
  SHODAN_RETURN_IF_ERROR(transaction.FinishDecision(undone.decision_id, kReplaced));
  return std::optional<Decision>();
}

}  // namespace

absl::StatusOr<Link> CompleteLink::Run(const UserKey& owner, const std::string& attempt_id,
                                       const CallScope& scope) {
  for (int round = 0; round < kMaxRounds; ++round) {
    absl::StatusOr<std::optional<Link>> link = Round(owner, attempt_id, scope);
    if (!link.ok()) return link.status();
    if (link->has_value()) return **std::move(link);
  }
  return LinkChanging();
}

absl::StatusOr<std::optional<Link>> CompleteLink::Round(const UserKey& owner,
                                                        const std::string& attempt_id,
                                                        const CallScope& scope) {
  // Read before the attempt: the identities were compared at this generation or a later one, and a
  // later one fails the decision or the activation.
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Link> seen, links_.Find(owner, scope.deadline));
  const absl::StatusOr<Attempt> attempt = vault_.GetAttempt(owner, attempt_id, scope);
  if (!attempt.ok()) {
    if (HasReason(attempt.status(), reason::kAttemptNotFound)) {
      SHODAN_RETURN_IF_ERROR(EndUndone(owner, attempt_id, scope));
    }
    return attempt.status();
  }
  switch (attempt->state) {
    case AttemptState::kPending:
    case AttemptState::kExchanging:
      return AttemptNotExchanged();
    case AttemptState::kEnded:
      SHODAN_RETURN_IF_ERROR(EndUndone(owner, attempt_id, scope));
      return RefusalOf(attempt->result);
    case AttemptState::kActivated:
      return FollowActivated(*attempt, scope);
    case AttemptState::kExchanged:
      break;
  }
  if (attempt->identity_match == IdentityMatch::kUnknown) return ZoomUnavailable();
  return CompleteExchanged(*attempt, seen.has_value() ? seen->generation : 0, scope);
}

absl::StatusOr<std::optional<Link>> CompleteLink::CompleteExchanged(const Attempt& attempt,
                                                                    int64_t seen_generation,
                                                                    const CallScope& scope) {
  CrashPoint("link.complete.before_decision");
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Decision> decision,
                          Decide(attempt, seen_generation, scope));
  if (!decision.has_value()) return std::optional<Link>();
  CrashPoint("link.complete.after_decision");
  if (decision->kind == DecisionKind::kDiscard) {
    SHODAN_RETURN_IF_ERROR(CarryOutDiscard(*decision, scope));
    return RefusalOf(decision->result);
  }
  return CarryOutActivation(*decision, scope);
}

// nullopt: the link is not at the generation any more at which the identities were compared.
absl::StatusOr<std::optional<Decision>> CompleteLink::Decide(const Attempt& attempt,
                                                             int64_t seen_generation,
                                                             const CallScope& scope) {
  std::optional<Decision> decision;
  bool disconnecting = false;
  const absl::Status status =
      links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        decision.reset();
        SHODAN_ASSIGN_OR_RETURN(const LockedLink locked,
                                transaction.LockOrCreateLink(attempt.owner, ""));
        const Link& link = locked.link;
        if (link.generation != seen_generation) return absl::OkStatus();
        const Verdict verdict = DecideAttempt(link.state, attempt);
        // The erasure takes the pending grant with it, and revokes it: discarded here, it would
        // stay alive at Zoom.
        disconnecting = verdict.result == AttemptResult::kSuperseded;
        if (disconnecting) return absl::OkStatus();
        SHODAN_ASSIGN_OR_RETURN(std::optional<Decision> undone,
                                transaction.FindUndoneDecision(attempt.owner, attempt.attempt_id));
        if (undone.has_value()) {
          SHODAN_ASSIGN_OR_RETURN(decision,
                                  Reuse(transaction, *std::move(undone), verdict, link.generation));
          if (decision.has_value()) return absl::OkStatus();
        }
        decision = Decision{.decision_id = RandomUuid(),
                            .owner = attempt.owner,
                            .link_id = link.link_id,
                            .kind = verdict.kind,
                            .attempt_id = attempt.attempt_id,
                            .expected_generation = link.generation,
                            .result = verdict.result,
                            .actor = scope.actor};
        return transaction.InsertDecision(*decision);
      });
  if (!status.ok()) return status;
  if (disconnecting) return RefusalOf(AttemptResult::kSuperseded);
  return decision;
}

absl::StatusOr<std::optional<Link>> CompleteLink::CarryOutActivation(const Decision& decision,
                                                                     const CallScope& scope) {
  const absl::StatusOr<ActivatedGrant> grant =
      vault_.ActivateGrant({.owner = decision.owner,
                            .attempt_id = decision.attempt_id,
                            .link_id = decision.link_id,
                            .expected_generation = decision.expected_generation,
                            .decision_id = decision.decision_id},
                           scope);
  const absl::Status& error = grant.status();
  if (HasReason(error, reason::kGenerationMismatch) ||
      HasReason(error, reason::kLinkDisconnecting)) {
    SHODAN_RETURN_IF_ERROR(feed_.Pull(GrantEventFeed::Busy::kWait, scope).status());
    return std::optional<Link>();
  }
  // Connected elsewhere since the attempt was read: it says so now, and is decided anew.
  if (HasReason(error, reason::kConnectedElsewhere)) return std::optional<Link>();
  if (HasReason(error, reason::kPendingGrantNotFound)) {
    // The attempt itself tells what became of it.
    SHODAN_RETURN_IF_ERROR(Finish(decision, reason::kPendingGrantNotFound, scope));
    return std::optional<Link>();
  }
  if (HasReason(error, reason::kPendingGrantDead)) {
    SHODAN_RETURN_IF_ERROR(Finish(decision, reason::kPendingGrantDead, scope));
    return PendingGrantDead();
  }
  if (HasReason(error, reason::kPendingGrantNotProved)) return ZoomUnavailable();
  if (!error.ok()) return error;

  CrashPoint("link.complete.after_activate");
  SHODAN_ASSIGN_OR_RETURN(Link link, RecordActivation(decision, *grant, scope));
  CrashPoint("link.complete.after_commit");
  if (link.state == LinkState::kDisconnecting) return RefusalOf(AttemptResult::kSuperseded);
  return std::optional<Link>(std::move(link));
}

absl::Status CompleteLink::CarryOutDiscard(const Decision& decision, const CallScope& scope) {
  const absl::Status status = vault_.DiscardPendingGrant({.attempt_id = decision.attempt_id,
                                                          .result = decision.result,
                                                          .decision_id = decision.decision_id},
                                                         scope);
  if (HasReason(status, reason::kPendingGrantNotFound)) {
    return Finish(decision, reason::kPendingGrantNotFound, scope);
  }
  if (!status.ok()) return status;
  return Finish(decision, "", scope);
}

absl::StatusOr<Link> CompleteLink::RecordActivation(const Decision& decision,
                                                    const ActivatedGrant& grant,
                                                    const CallScope& scope) {
  Link link;
  const absl::Status status =
      links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        const bool superseded_first =
            grant.superseded.has_value() && grant.superseded->owner < decision.owner;
        if (superseded_first) {
          SHODAN_RETURN_IF_ERROR(RecordSuperseded(transaction, *grant.superseded, decision.actor));
        }
        SHODAN_ASSIGN_OR_RETURN(link, RecordOwn(transaction, decision, grant.generation));
        if (grant.superseded.has_value() && !superseded_first) {
          SHODAN_RETURN_IF_ERROR(RecordSuperseded(transaction, *grant.superseded, decision.actor));
        }
        return transaction.FinishDecision(decision.decision_id, "");
      });
  if (!status.ok()) return status;
  return link;
}

absl::StatusOr<std::optional<Link>> CompleteLink::FollowActivated(const Attempt& attempt,
                                                                  const CallScope& scope) {
  SHODAN_ASSIGN_OR_RETURN(const std::optional<Decision> undone,
                          FindUndone(attempt.owner, attempt.attempt_id, scope));
  if (undone.has_value()) {
    if (undone->kind == DecisionKind::kActivate) {
      absl::StatusOr<std::optional<Link>> link = CarryOutActivation(*undone, scope);
      if (!link.ok() || link->has_value()) return link;
    }
    // Another decision activated the attempt.
    SHODAN_RETURN_IF_ERROR(Finish(*undone, kReplaced, scope));
  }
  SHODAN_RETURN_IF_ERROR(feed_.Pull(GrantEventFeed::Busy::kWait, scope).status());
  return links_.Find(attempt.owner, scope.deadline);
}

absl::Status CompleteLink::Finish(const Decision& decision, std::string_view failure,
                                  const CallScope& scope) {
  return links_.Transact(scope.deadline, [&](LinkTransaction& transaction) {
    return transaction.FinishDecision(decision.decision_id, failure);
  });
}

absl::StatusOr<std::optional<Decision>> CompleteLink::FindUndone(const UserKey& owner,
                                                                 const std::string& attempt_id,
                                                                 const CallScope& scope) {
  std::optional<Decision> undone;
  const absl::Status status =
      links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(undone, transaction.FindUndoneDecision(owner, attempt_id));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return undone;
}

// The attempt is over: a refusal was carried out, an activation came too late.
absl::Status CompleteLink::EndUndone(const UserKey& owner, const std::string& attempt_id,
                                     const CallScope& scope) {
  return links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(const std::optional<Decision> undone,
                            transaction.FindUndoneDecision(owner, attempt_id));
    if (!undone.has_value()) return absl::OkStatus();
    const bool refused = undone->kind == DecisionKind::kDiscard;
    return transaction.FinishDecision(undone->decision_id,
                                      refused ? "" : reason::kPendingGrantNotFound);
  });
}

}  // namespace shodan::account_link
