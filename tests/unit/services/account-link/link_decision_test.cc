// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_decision.h"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::account_link {

using testing::IsError;

TEST_CASE("the decision about an exchanged attempt", "[account-link][decision]") {
  constexpr auto kActivate = DecisionKind::kActivate;
  constexpr auto kDiscard = DecisionKind::kDiscard;
  constexpr auto kNoResult = AttemptResult::kUnspecified;
  struct Row {
    LinkState state;
    Purpose purpose;
    IdentityMatch match;
    DecisionKind kind;
    AttemptResult result;
  };
  const Row rows[] = {
      {LinkState::kNone, Purpose::kConnect, IdentityMatch::kNoLinkIdentity, kActivate, kNoResult},
      {LinkState::kNone, Purpose::kConnect, IdentityMatch::kSame, kActivate, kNoResult},
      {LinkState::kNone, Purpose::kConnect, IdentityMatch::kDifferent, kActivate, kNoResult},
      {LinkState::kNone, Purpose::kReconnect, IdentityMatch::kNoLinkIdentity, kActivate, kNoResult},
      {LinkState::kNone, Purpose::kReconnect, IdentityMatch::kSame, kActivate, kNoResult},
      {LinkState::kNone, Purpose::kReconnect, IdentityMatch::kDifferent, kActivate, kNoResult},

      {LinkState::kActive, Purpose::kConnect, IdentityMatch::kNoLinkIdentity, kActivate, kNoResult},
      {LinkState::kActive, Purpose::kConnect, IdentityMatch::kSame, kActivate, kNoResult},
      {LinkState::kActive, Purpose::kConnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kOtherAccountConnected},
      {LinkState::kActive, Purpose::kReconnect, IdentityMatch::kNoLinkIdentity, kActivate,
       kNoResult},
      {LinkState::kActive, Purpose::kReconnect, IdentityMatch::kSame, kActivate, kNoResult},
      {LinkState::kActive, Purpose::kReconnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kDifferentAccount},

      {LinkState::kReconnectRequired, Purpose::kConnect, IdentityMatch::kNoLinkIdentity, kActivate,
       kNoResult},
      {LinkState::kReconnectRequired, Purpose::kConnect, IdentityMatch::kSame, kActivate,
       kNoResult},
      {LinkState::kReconnectRequired, Purpose::kConnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kOtherAccountConnected},
      {LinkState::kReconnectRequired, Purpose::kReconnect, IdentityMatch::kNoLinkIdentity,
       kActivate, kNoResult},
      {LinkState::kReconnectRequired, Purpose::kReconnect, IdentityMatch::kSame, kActivate,
       kNoResult},
      {LinkState::kReconnectRequired, Purpose::kReconnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kDifferentAccount},

      {LinkState::kDisconnecting, Purpose::kConnect, IdentityMatch::kNoLinkIdentity, kDiscard,
       AttemptResult::kSuperseded},
      {LinkState::kDisconnecting, Purpose::kConnect, IdentityMatch::kSame, kDiscard,
       AttemptResult::kSuperseded},
      {LinkState::kDisconnecting, Purpose::kConnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kSuperseded},
      {LinkState::kDisconnecting, Purpose::kReconnect, IdentityMatch::kNoLinkIdentity, kDiscard,
       AttemptResult::kSuperseded},
      {LinkState::kDisconnecting, Purpose::kReconnect, IdentityMatch::kSame, kDiscard,
       AttemptResult::kSuperseded},
      {LinkState::kDisconnecting, Purpose::kReconnect, IdentityMatch::kDifferent, kDiscard,
       AttemptResult::kSuperseded},
  };
  for (const Row& row : rows) {
    INFO(ToText(row.state) << " purpose " << static_cast<int>(row.purpose) << " match "
                           << static_cast<int>(row.match));
    Attempt attempt;
    attempt.purpose = row.purpose;
    attempt.identity_match = row.match;
    CHECK(DecideAttempt(row.state, attempt) == Verdict{row.kind, row.result});
  }
}

TEST_CASE("an import takes no Zoom user over from another link", "[account-link][decision]") {
  Attempt attempt;
  attempt.identity_match = IdentityMatch::kNoLinkIdentity;
  attempt.held_elsewhere = true;
  for (const LinkState state : {LinkState::kNone, LinkState::kReconnectRequired}) {
    attempt.purpose = Purpose::kImport;
    CHECK(DecideAttempt(state, attempt) ==
          Verdict{DecisionKind::kDiscard, AttemptResult::kConnectedElsewhere});
    attempt.purpose = Purpose::kConnect;
    CHECK(DecideAttempt(state, attempt).kind == DecisionKind::kActivate);
  }
  attempt.purpose = Purpose::kImport;
  CHECK(DecideAttempt(LinkState::kDisconnecting, attempt).result == AttemptResult::kSuperseded);
  attempt.held_elsewhere = false;
  CHECK(DecideAttempt(LinkState::kNone, attempt).kind == DecisionKind::kActivate);
}

TEST_CASE("an attempt that ended without a connection is refused by its result",
          "[account-link][decision]") {
  constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;
  CHECK_THAT(RefusalOf(AttemptResult::kOtherAccountConnected),
             IsError(kFailedPrecondition, "OTHER_ACCOUNT_CONNECTED"));
  CHECK_THAT(RefusalOf(AttemptResult::kDifferentAccount),
             IsError(kFailedPrecondition, "DIFFERENT_ACCOUNT"));
  CHECK_THAT(RefusalOf(AttemptResult::kSuperseded),
             IsError(kFailedPrecondition, "LINK_DISCONNECTING"));
  CHECK_THAT(RefusalOf(AttemptResult::kSystemError),
             IsError(kFailedPrecondition, "PENDING_GRANT_DEAD"));
  CHECK_THAT(RefusalOf(AttemptResult::kCancelled),
             IsError(kFailedPrecondition, "ATTEMPT_NOT_EXCHANGED"));
  CHECK_THAT(RefusalOf(AttemptResult::kExpired),
             IsError(kFailedPrecondition, "ATTEMPT_NOT_EXCHANGED"));
}

TEST_CASE("decision kinds keep their stored names", "[account-link][decision]") {
  CHECK(ToText(DecisionKind::kActivate) == "activate");
  CHECK(ToText(DecisionKind::kDiscard) == "discard");
  CHECK(ToText(DecisionKind::kErase) == "erase");
  CHECK(ParseDecisionKind("erase") == DecisionKind::kErase);
  CHECK_FALSE(ParseDecisionKind("refuse").has_value());
}

}  // namespace shodan::account_link
