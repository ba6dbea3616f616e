// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/refresh_decision.h"

#include <algorithm>

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSuspectPause{2'000};
constexpr milliseconds kTransientPause{2'000};
constexpr milliseconds kConfigPause{60'000};

milliseconds Jittered(milliseconds base, double jitter) {
  return milliseconds(static_cast<int64_t>(static_cast<double>(base.count()) * (0.5 + jitter / 2)));
}

GrantCause CauseOfRefusal(const TokenAnswer& answer, const RefreshIntent& intent, bool answer_lost,
                          const Lifetimes& lifetimes) {
  if (answer.account_inactive) return GrantCause::kAccountInactive;
  if (intent.token_age >= lifetimes.refresh_token) return GrantCause::kExpired;
  if (answer_lost || intent.earlier_unresolved) return GrantCause::kLostResponse;
  if (intent.authorization_under_way || intent.suspect_for.count() > 0) {
    return GrantCause::kReauthorizedElsewhere;
  }
  return GrantCause::kRevoked;
}

RefreshDecision DecideRefusal(const TokenAnswer& answer, const RefreshIntent& intent,
                              bool answer_lost, const Lifetimes& lifetimes) {
  // A late answer, or a grant that is just replacing this one, would explain the refusal. Both show
  // within the limit.
  const bool doubt =
      intent.authorization_under_way || (intent.earlier_unresolved && !intent.refused_before);
  if (doubt && intent.suspect_for < lifetimes.suspect) {
    return {RefreshOutcome::kSuspect, GrantCause::kNone, kSuspectPause};
  }
  return {RefreshOutcome::kTerminal, CauseOfRefusal(answer, intent, answer_lost, lifetimes),
          milliseconds(0)};
}

}  // namespace

RefreshDecision DecideRefresh(const TokenAnswer& answer, const RefreshIntent& intent,
                              bool answer_lost, const Lifetimes& lifetimes, double jitter) {
  switch (answer.verdict) {
    case TokenVerdict::kIssued:
      return {RefreshOutcome::kOk, GrantCause::kNone, milliseconds(0)};
    case TokenVerdict::kRejected:
      return DecideRefusal(answer, intent, answer_lost, lifetimes);
    case TokenVerdict::kAmbiguous:
      return {RefreshOutcome::kAmbiguous, GrantCause::kNone, Jittered(kTransientPause, jitter)};
    case TokenVerdict::kTransient: {
      const milliseconds asked = answer.retry_after.has_value()
                                     ? std::chrono::duration_cast<milliseconds>(*answer.retry_after)
                                     : milliseconds(0);
      // A request without an answer before this one still has no recorded end.
      return {answer_lost ? RefreshOutcome::kAmbiguous : RefreshOutcome::kTransient,
              GrantCause::kNone, std::max(asked, Jittered(kTransientPause, jitter))};
    }
    case TokenVerdict::kConfig:
      return {RefreshOutcome::kConfig, GrantCause::kNone, Jittered(kConfigPause, jitter)};
  }
  return {};
}

}  // namespace shodan::tokenvault
