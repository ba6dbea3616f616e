// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/disconnect.h"

#include <utility>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/domain/audit_entry.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

// Why a wish ended without being carried out.
constexpr std::string_view kLinkMovedOn = "LINK_MOVED_ON";

bool IsConnected(const Link& link) {
  return link.state == LinkState::kActive || link.state == LinkState::kReconnectRequired;
}

Disconnected AsItIs(const Link& link) { return {.link = link, .receipt = ReceiptOf(link)}; }

IdempotentRequest RequestOf(const UserKey& owner, LinkCause cause, const std::string& request_id,
                            const Actor& actor) {
  const std::string_view method =
      cause == LinkCause::kDisconnectedByAdmin ? "AdminDisconnect" : "Disconnect";
  return {.owner = owner,
          .caller = actor.caller,
          .request_id = request_id,
          .method = method,
          .fingerprint = FingerprintOf(method, {owner.project_id, owner.user_id})};
}

absl::StatusOr<Decision> Mark(LinkTransaction& transaction, LockedLink locked, LinkCause cause,
                              const std::string& decision_id, const Actor& actor) {
  Link& link = locked.link;
  if (BeginDisconnect(link, cause, locked.now)) {
    SHODAN_RETURN_IF_ERROR(transaction.SaveLink(link));
    SHODAN_RETURN_IF_ERROR(transaction.AppendAudit(AuditOf(link, actor)));
  }
  Decision wish;
  wish.decision_id = decision_id;
  wish.owner = link.owner;
  wish.link_id = link.link_id;
  wish.kind = DecisionKind::kErase;
  wish.expected_generation = link.generation;
  wish.cause = cause;
  wish.actor = actor;
  SHODAN_RETURN_IF_ERROR(transaction.InsertDecision(wish));
  return wish;
}

// The undone wish about the link's present life. One about an earlier life was carried out, as the
// link shows; it ends here.
absl::StatusOr<std::optional<Decision>> UndoneWish(LinkTransaction& transaction, const Link& link) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<Decision> undone,
                          transaction.FindUndoneErasure(link.owner));
  if (undone.has_value() && IsConnected(link)) {
    SHODAN_RETURN_IF_ERROR(transaction.FinishDecision(undone->decision_id, kLinkMovedOn));
    undone.reset();
  }
  return undone;
}

}  // namespace

absl::StatusOr<Disconnected> Disconnect::Run(const UserKey& owner, LinkCause cause,
                                             const std::string& request_id,
                                             const CallScope& scope) {
  const IdempotentRequest request = RequestOf(owner, cause, request_id, scope.actor);
  CrashPoint("link.disconnect.before_decision");
  return CarryOut(
      [&](LinkTransaction& transaction, Next& next) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(std::optional<LockedLink> locked, transaction.LockLink(owner));
        if (!locked.has_value() || locked->link.generation == 0) return LinkNotFound();
        const Link link = locked->link;
        next.answer = AsItIs(link);
        SHODAN_ASSIGN_OR_RETURN(const std::optional<Decision> undone,
                                UndoneWish(transaction, link));
        std::string decision_id;
        if (undone.has_value()) {
          decision_id = undone->decision_id;
        } else if (link.state != LinkState::kNone) {
          decision_id = RandomUuid();
        }
        SHODAN_ASSIGN_OR_RETURN(const std::string claimed,
                                transaction.ClaimRequest(request, decision_id));
        const bool repeated = claimed != decision_id;
        if (repeated || decision_id.empty()) return absl::OkStatus();
        if (undone.has_value()) {
          next.wish = undone;
          return absl::OkStatus();
        }
        SHODAN_ASSIGN_OR_RETURN(
            next.wish, Mark(transaction, *std::move(locked), cause, decision_id, scope.actor));
        return absl::OkStatus();
      },
      scope);
}

absl::StatusOr<std::optional<Link>> Disconnect::Deauthorize(const ZoomIdentity& identity,
                                                            Time event_time,
                                                            const CallScope& scope) {
  const absl::StatusOr<IdentifiedLink> identified = vault_.ResolveIdentity(identity, scope);
  if (HasReason(identified.status(), reason::kGrantNotFound)) return std::nullopt;
  if (!identified.ok()) return identified.status();
  // The vault may know of a life that the events have not told of here yet.
  SHODAN_RETURN_IF_ERROR(feed_.Pull(GrantEventFeed::Busy::kWait, scope).status());
  bool ends = false;
  SHODAN_ASSIGN_OR_RETURN(
      const Disconnected done,
      CarryOut(
          [&](LinkTransaction& transaction, Next& next) -> absl::Status {
            ends = false;
            SHODAN_ASSIGN_OR_RETURN(std::optional<LockedLink> locked,
                                    transaction.LockLink(identified->owner));
            if (!locked.has_value()) return LinkChanging();
            const Link link = locked->link;
            next.answer = AsItIs(link);
            if (link.generation < identified->generation) return LinkChanging();
            const bool same_life = link.generation == identified->generation && IsConnected(link);
            if (!same_life || event_time < link.connect_time.value_or(event_time)) {
              return absl::OkStatus();
            }
            ends = true;
            SHODAN_RETURN_IF_ERROR(UndoneWish(transaction, link).status());
            SHODAN_ASSIGN_OR_RETURN(
                next.wish, Mark(transaction, *std::move(locked), LinkCause::kRevoked, RandomUuid(),
                                scope.actor));
            return absl::OkStatus();
          },
          scope));
  if (!ends) return std::nullopt;
  return done.link;
}

absl::StatusOr<Disconnected> Disconnect::Resume(const Decision& decision, const CallScope& scope) {
  return CarryOut(
      [&](LinkTransaction& transaction, Next& next) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(const LockedLink locked,
                                transaction.LockOrCreateLink(decision.owner, decision.link_id));
        next.answer = AsItIs(locked.link);
        SHODAN_ASSIGN_OR_RETURN(const std::optional<Decision> undone,
                                UndoneWish(transaction, locked.link));
        if (undone.has_value() && undone->decision_id == decision.decision_id) next.wish = undone;
        return absl::OkStatus();
      },
      scope);
}

absl::StatusOr<Disconnected> Disconnect::CarryOut(const Prepare& first, const CallScope& scope) {
  SHODAN_ASSIGN_OR_RETURN(Next next, Decide(first, scope));
  for (int round = 0; round < kMaxRounds; ++round) {
    if (!next.wish.has_value()) return next.answer;
    CrashPoint("link.disconnect.after_decision");
    const Decision wish = *next.wish;
    const absl::StatusOr<Erasure> erasure = Erase(wish, scope);
    if (erasure.ok()) {
      CrashPoint("link.disconnect.after_erase");
      absl::StatusOr<Disconnected> done = Record(wish, *erasure, scope);
      CrashPoint("link.disconnect.after_commit");
      return done;
    }
    if (!HasReason(erasure.status(), reason::kGenerationMismatch)) return erasure.status();
    SHODAN_RETURN_IF_ERROR(feed_.Pull(GrantEventFeed::Busy::kWait, scope).status());
    SHODAN_ASSIGN_OR_RETURN(
        next, Decide(
                  [&](LinkTransaction& transaction, Next& again) -> absl::Status {
                    SHODAN_ASSIGN_OR_RETURN(const LockedLink locked,
                                            transaction.LockOrCreateLink(wish.owner, wish.link_id));
                    again.answer = AsItIs(locked.link);
                    if (locked.link.state != LinkState::kDisconnecting) {
                      return transaction.FinishDecision(wish.decision_id, kLinkMovedOn);
                    }
                    again.wish = wish;
                    again.wish->expected_generation = locked.link.generation;
                    return transaction.SetExpectedGeneration(wish.decision_id,
                                                             locked.link.generation);
                  },
                  scope));
  }
  return LinkChanging();
}

absl::StatusOr<Disconnect::Next> Disconnect::Decide(const Prepare& prepare,
                                                    const CallScope& scope) {
  Next next;
  const absl::Status status =
      links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        next = Next();
        return prepare(transaction, next);
      });
  if (!status.ok()) return status;
  return next;
}

absl::StatusOr<Erasure> Disconnect::Erase(const Decision& wish, const CallScope& scope) {
  absl::StatusOr<Erasure> erasure =
      vault_.EraseGrant({.owner = wish.owner,
                         .link_id = wish.link_id,
                         .expected_generation = wish.expected_generation,
                         .decision_id = wish.decision_id,
                         .cause = wish.cause},
                        scope);
  if (HasReason(erasure.status(), reason::kGrantNotFound)) {
    // Nothing of it is left in the vault, which is what was wished for.
    Erasure nothing_left;
    nothing_left.generation = wish.expected_generation;
    return nothing_left;
  }
  return erasure;
}

absl::StatusOr<Disconnected> Disconnect::Record(const Decision& wish, const Erasure& erasure,
                                                const CallScope& scope) {
  Disconnected done;
  const absl::Status status =
      links_.Transact(scope.deadline, [&](LinkTransaction& transaction) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(LockedLink locked,
                                transaction.LockOrCreateLink(wish.owner, wish.link_id));
        const Link before = locked.link;
        if (RecordErasure(locked.link, erasure, wish.cause, locked.now)) {
          SHODAN_RETURN_IF_ERROR(transaction.SaveLink(locked.link));
          if (ShowsAnotherState(before, locked.link)) {
            SHODAN_RETURN_IF_ERROR(transaction.AppendAudit(AuditOf(locked.link, wish.actor)));
          }
        }
        done.link = locked.link;
        done.receipt = {.link_id = wish.link_id,
                        .generation = erasure.generation,
                        .start_time = erasure.start_time,
                        .end_time = erasure.end_time,
                        .revoked_at_zoom = erasure.revoked_at_zoom,
                        .backups_unreadable_time = erasure.backups_unreadable_time};
        if (erasure.state != LinkState::kNone) return absl::OkStatus();
        return transaction.FinishDecision(wish.decision_id, "");
      });
  if (!status.ok()) return status;
  return done;
}

}  // namespace shodan::account_link
