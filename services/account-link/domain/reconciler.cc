// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/reconciler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

// A refusal is a decision like any other; only what must be tried again is an incident.
bool IsUnfinished(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return false;
    default:
      return true;
  }
}

CallScope ScopeOf(Actor actor, Deadline deadline) {
  return {.actor = std::move(actor), .deadline = deadline};
}

}  // namespace

Reconciler::Report Reconciler::RunOnce(Deadline deadline) {
  Report report;
  using Step = absl::Status (Reconciler::*)(Deadline, Report&);
  constexpr std::array<Step, 3> kSteps = {&Reconciler::FollowEvents, &Reconciler::CarryOutDecisions,
                                          &Reconciler::DecidePendingGrants};
  for (const Step step : kSteps) {
    report.status = (this->*step)(deadline, report);
    if (!report.status.ok()) return report;
  }
  report.status = links_.PurgeExpired(kMaxPurgedRows, deadline);
  return report;
}

absl::Status Reconciler::FollowEvents(Deadline deadline, Report& report) {
  const absl::StatusOr<GrantEventFeed::Progress> progress =
      feed_.Pull(GrantEventFeed::Busy::kLeave, ScopeOf(ReconcilerActor(), deadline));
  if (!progress.ok()) return progress.status();
  report.events_applied = progress->applied;
  report.events_mismatched = progress->mismatched;
  return absl::OkStatus();
}

absl::Status Reconciler::CarryOutDecisions(Deadline deadline, Report& report) {
  const LeasePolicy policy{.grace = grace_, .backoff = grace_, .max_backoff = kMaxDecisionBackOff};
  absl::StatusOr<std::vector<Decision>> decisions =
      links_.LeaseUndoneDecisions(policy, kMaxDecisionsPerRun, deadline);
  if (!decisions.ok()) return decisions.status();
  for (const Decision& decision : *decisions) {
    if (deadline.Expired()) break;
    const CallScope scope = ScopeOf(decision.actor, deadline);
    const absl::Status status =
        decision.kind == DecisionKind::kErase
            ? disconnect_.Resume(decision, scope).status()
            : complete_link_.Run(decision.owner, decision.attempt_id, scope).status();
    if (IsUnfinished(status)) {
      report.incidents.push_back({"decision", decision.decision_id, status});
    } else {
      ++report.decisions_carried_out;
    }
  }
  return absl::OkStatus();
}

absl::Status Reconciler::DecidePendingGrants(Deadline deadline, Report& report) {
  std::map<std::string, BackOff> waiting;
  std::string next_page;
  int seen = 0;
  do {
    absl::StatusOr<PendingGrantPage> page =
        vault_.ListPendingGrants(grace_, next_page, ScopeOf(ReconcilerActor(), deadline));
    if (!page.ok()) return page.status();
    for (const PendingGrant& grant : page->grants) {
      if (deadline.Expired()) return absl::OkStatus();
      DecidePendingGrant(grant, deadline, waiting, report);
      ++seen;
    }
    next_page = page->next_page;
  } while (!next_page.empty() && seen < kMaxPendingGrantsPerRun);
  waiting_ = std::move(waiting);
  return absl::OkStatus();
}

// A grant that cannot be decided yet (Zoom does not say whose it is) is looked at less and less
// often; the vault drops it in the end.
void Reconciler::DecidePendingGrant(const PendingGrant& grant, Deadline deadline,
                                    std::map<std::string, BackOff>& waiting, Report& report) {
  BackOff back_off;
  if (const auto known = waiting_.find(grant.attempt_id); known != waiting_.end()) {
    back_off = known->second;
  }
  if (back_off.wait > 0) {
    --back_off.wait;
    waiting[grant.attempt_id] = back_off;
    return;
  }
  const absl::Status status =
      complete_link_.Run(grant.owner, grant.attempt_id, ScopeOf(ReconcilerActor(), deadline))
          .status();
  if (!IsUnfinished(status)) {
    ++report.pending_grants_decided;
    return;
  }
  report.incidents.push_back({"pending_grant", grant.attempt_id, status});
  back_off.wait = back_off.pause;
  back_off.pause = std::min(back_off.pause * 2, kMaxPendingGrantBackOffRuns);
  waiting[grant.attempt_id] = back_off;
}

}  // namespace shodan::account_link
