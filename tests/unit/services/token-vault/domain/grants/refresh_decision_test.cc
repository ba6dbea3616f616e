// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/refresh_decision.h"

#include <catch2/catch.hpp>

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr RefreshOutcome kSuspect = RefreshOutcome::kSuspect;
constexpr RefreshOutcome kTerminal = RefreshOutcome::kTerminal;

TokenAnswer With(TokenVerdict verdict) {
  TokenAnswer answer;
  answer.verdict = verdict;
  return answer;
}

RefreshDecision Decide(const TokenAnswer& answer, const RefreshIntent& intent = {},
                       bool answer_lost = false, double jitter = 0) {
  return DecideRefresh(answer, intent, answer_lost, Lifetimes(), jitter);
}

struct Refusal {
  bool earlier_unresolved;
  bool refused_before;
  bool under_way;
  int suspect_ms;
  bool answer_lost;
  RefreshOutcome outcome;
  GrantCause cause;
};

constexpr bool Y = true;
constexpr bool N = false;
constexpr GrantCause kNone = GrantCause::kNone;
constexpr GrantCause kRevoked = GrantCause::kRevoked;
constexpr GrantCause kLost = GrantCause::kLostResponse;
constexpr GrantCause kElsewhere = GrantCause::kReauthorizedElsewhere;

// Columns: an earlier refresh has no end, refused before, somebody is authorizing, in doubt for,
// the answer before this one was lost. The doubt ends at 60,000 ms.
constexpr Refusal kRefusals[] = {
    // Nothing speaks against the refusal.
    {N, N, N, 0, N, kTerminal, kRevoked},
    {N, Y, N, 0, N, kTerminal, kRevoked},
    {N, N, N, 0, Y, kTerminal, kLost},
    {N, Y, N, 0, Y, kTerminal, kLost},
    {N, N, N, 59'999, N, kTerminal, kElsewhere},
    {N, Y, N, 59'999, N, kTerminal, kElsewhere},
    {N, N, N, 59'999, Y, kTerminal, kLost},
    {N, Y, N, 59'999, Y, kTerminal, kLost},
    {N, N, N, 60'000, N, kTerminal, kElsewhere},
    {N, Y, N, 60'000, N, kTerminal, kElsewhere},
    {N, N, N, 60'000, Y, kTerminal, kLost},
    {N, Y, N, 60'000, Y, kTerminal, kLost},
    // The answer of an earlier refresh may still come: one more try.
    {Y, N, N, 0, N, kSuspect, kNone},
    {Y, N, N, 0, Y, kSuspect, kNone},
    {Y, N, N, 59'999, N, kSuspect, kNone},
    {Y, N, N, 59'999, Y, kSuspect, kNone},
    {Y, N, N, 60'000, N, kTerminal, kLost},
    {Y, N, N, 60'000, Y, kTerminal, kLost},
    {Y, Y, N, 0, N, kTerminal, kLost},
    {Y, Y, N, 0, Y, kTerminal, kLost},
    {Y, Y, N, 59'999, N, kTerminal, kLost},
    {Y, Y, N, 59'999, Y, kTerminal, kLost},
    {Y, Y, N, 60'000, N, kTerminal, kLost},
    {Y, Y, N, 60'000, Y, kTerminal, kLost},
    // A new grant may just be replacing this one: as long as that goes on, but not for ever.
    {N, N, Y, 0, N, kSuspect, kNone},
    {N, N, Y, 0, Y, kSuspect, kNone},
    {N, N, Y, 59'999, N, kSuspect, kNone},
    {N, N, Y, 59'999, Y, kSuspect, kNone},
    {N, N, Y, 60'000, N, kTerminal, kElsewhere},
    {N, N, Y, 60'000, Y, kTerminal, kLost},
    {N, Y, Y, 0, N, kSuspect, kNone},
    {N, Y, Y, 0, Y, kSuspect, kNone},
    {N, Y, Y, 59'999, N, kSuspect, kNone},
    {N, Y, Y, 59'999, Y, kSuspect, kNone},
    {N, Y, Y, 60'000, N, kTerminal, kElsewhere},
    {N, Y, Y, 60'000, Y, kTerminal, kLost},
    // Both.
    {Y, N, Y, 0, N, kSuspect, kNone},
    {Y, N, Y, 0, Y, kSuspect, kNone},
    {Y, N, Y, 59'999, N, kSuspect, kNone},
    {Y, N, Y, 59'999, Y, kSuspect, kNone},
    {Y, N, Y, 60'000, N, kTerminal, kLost},
    {Y, N, Y, 60'000, Y, kTerminal, kLost},
    {Y, Y, Y, 0, N, kSuspect, kNone},
    {Y, Y, Y, 0, Y, kSuspect, kNone},
    {Y, Y, Y, 59'999, N, kSuspect, kNone},
    {Y, Y, Y, 59'999, Y, kSuspect, kNone},
    {Y, Y, Y, 60'000, N, kTerminal, kLost},
    {Y, Y, Y, 60'000, Y, kTerminal, kLost},
};

RefreshIntent IntentOf(const Refusal& refusal) {
  RefreshIntent intent;
  intent.earlier_unresolved = refusal.earlier_unresolved;
  intent.refused_before = refusal.refused_before;
  intent.authorization_under_way = refusal.under_way;
  intent.suspect_for = milliseconds(refusal.suspect_ms);
  return intent;
}

TEST_CASE("A refusal ends the grant unless something explains it away, for a minute at most") {
  CHECK(std::size(kRefusals) == 2 * 2 * 2 * 2 * 3);
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.earlier_unresolved, refusal.refused_before, refusal.under_way,
            refusal.suspect_ms, refusal.answer_lost);
    const RefreshDecision decision =
        Decide(With(TokenVerdict::kRejected), IntentOf(refusal), refusal.answer_lost);

    CHECK(decision.outcome == refusal.outcome);
    CHECK(decision.cause == refusal.cause);
    CHECK(decision.delay == (refusal.outcome == kSuspect ? milliseconds(2'000) : milliseconds(0)));
  }
}

TEST_CASE("A refusal that says the user is gone has that cause, whatever else is known") {
  TokenAnswer answer = With(TokenVerdict::kRejected);
  answer.account_inactive = true;
  for (const Refusal& refusal : kRefusals) {
    const RefreshDecision decision = Decide(answer, IntentOf(refusal), refusal.answer_lost);

    CHECK(decision.outcome == refusal.outcome);
    if (refusal.outcome == kTerminal) CHECK(decision.cause == GrantCause::kAccountInactive);
  }
}

TEST_CASE("A refusal of a token older than Zoom keeps one has expired") {
  Lifetimes lifetimes;
  RefreshIntent intent;
  intent.token_age = lifetimes.refresh_token;
  CHECK(Decide(With(TokenVerdict::kRejected), intent).cause == GrantCause::kExpired);

  intent.token_age -= milliseconds(1);
  CHECK(Decide(With(TokenVerdict::kRejected), intent).cause == GrantCause::kRevoked);
}

TEST_CASE("No other verdict ever ends a grant, whatever the intent recorded") {
  for (const Refusal& state : kRefusals) {
    const RefreshIntent intent = IntentOf(state);
    const bool lost = state.answer_lost;

    CHECK(Decide(With(TokenVerdict::kIssued), intent, lost).outcome == RefreshOutcome::kOk);
    CHECK(Decide(With(TokenVerdict::kAmbiguous), intent, lost).outcome ==
          RefreshOutcome::kAmbiguous);
    CHECK(Decide(With(TokenVerdict::kConfig), intent, lost).outcome == RefreshOutcome::kConfig);
    CHECK(Decide(With(TokenVerdict::kTransient), intent, lost).outcome ==
          (lost ? RefreshOutcome::kAmbiguous : RefreshOutcome::kTransient));
    for (const TokenVerdict verdict : {TokenVerdict::kIssued, TokenVerdict::kAmbiguous,
                                       TokenVerdict::kConfig, TokenVerdict::kTransient}) {
      CHECK(Decide(With(verdict), intent, lost).cause == kNone);
    }
  }
}

TEST_CASE("The pause before the next try is jittered between half of it and all of it") {
  const TokenAnswer transient = With(TokenVerdict::kTransient);
  CHECK(Decide(transient, {}, false, 0).delay == milliseconds(1'000));
  CHECK(Decide(transient, {}, false, 0.5).delay == milliseconds(1'500));
  CHECK(Decide(transient, {}, false, 1).delay == milliseconds(2'000));
  CHECK(Decide(With(TokenVerdict::kAmbiguous), {}, false, 0).delay == milliseconds(1'000));
  CHECK(Decide(With(TokenVerdict::kConfig), {}, false, 0).delay == milliseconds(30'000));
  CHECK(Decide(With(TokenVerdict::kConfig), {}, false, 1).delay == milliseconds(60'000));
  CHECK(Decide(With(TokenVerdict::kIssued), {}, false, 1).delay == milliseconds(0));
}

TEST_CASE("A time that Zoom names is kept when it is later than our own") {
  TokenAnswer answer = With(TokenVerdict::kTransient);
  answer.retry_after = std::chrono::seconds(1);
  CHECK(Decide(answer, {}, false, 1).delay == milliseconds(2'000));

  answer.retry_after = std::chrono::seconds(600);
  CHECK(Decide(answer, {}, false, 1).delay == milliseconds(600'000));
  CHECK(Decide(answer, {}, true, 1).delay == milliseconds(600'000));
}

TEST_CASE("The time for doubt is a setting") {
  Lifetimes lifetimes;
  lifetimes.suspect = milliseconds(5'000);
  RefreshIntent intent;
  intent.authorization_under_way = true;

  intent.suspect_for = milliseconds(4'999);
  CHECK(DecideRefresh(With(TokenVerdict::kRejected), intent, false, lifetimes, 0).outcome ==
        kSuspect);
  intent.suspect_for = milliseconds(5'000);
  CHECK(DecideRefresh(With(TokenVerdict::kRejected), intent, false, lifetimes, 0).outcome ==
        kTerminal);
}

}  // namespace
}  // namespace shodan::tokenvault
