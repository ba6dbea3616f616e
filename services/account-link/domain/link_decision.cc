// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_decision.h"

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"

namespace shodan::account_link {

std::string_view ToText(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kActivate:
      return "activate";
    case DecisionKind::kDiscard:
      return "discard";
    case DecisionKind::kErase:
      return "erase";
  }
  return "";
}

std::optional<DecisionKind> ParseDecisionKind(std::string_view text) {
  for (const DecisionKind kind :
       {DecisionKind::kActivate, DecisionKind::kDiscard, DecisionKind::kErase}) {
    if (ToText(kind) == text) return kind;
  }
  return std::nullopt;
}

Verdict DecideAttempt(LinkState state, const Attempt& attempt) {
  const IdentityMatch match = attempt.identity_match;
  if (state == LinkState::kDisconnecting) {
    return {DecisionKind::kDiscard, AttemptResult::kSuperseded};
  }
  if (attempt.purpose == Purpose::kImport && attempt.held_elsewhere) {
    return {DecisionKind::kDiscard, AttemptResult::kConnectedElsewhere};
  }
  switch (state) {
    case LinkState::kDisconnecting:
    case LinkState::kNone:
      return {DecisionKind::kActivate, AttemptResult::kUnspecified};
    case LinkState::kActive:
    case LinkState::kReconnectRequired:
      break;
  }
  if (match == IdentityMatch::kSame || match == IdentityMatch::kNoLinkIdentity) {
    return {DecisionKind::kActivate, AttemptResult::kUnspecified};
  }
  return {DecisionKind::kDiscard, attempt.purpose == Purpose::kReconnect
                                      ? AttemptResult::kDifferentAccount
                                      : AttemptResult::kOtherAccountConnected};
}

absl::Status RefusalOf(AttemptResult result) {
  switch (result) {
    case AttemptResult::kOtherAccountConnected:
      return FailedPrecondition(reason::kOtherAccountConnected,
                                "Another Zoom account is connected. Disconnect it first.");
    case AttemptResult::kDifferentAccount:
      return FailedPrecondition(reason::kDifferentAccount,
                                "This is a different Zoom account than the one that is connected. "
                                "Sign in to Zoom with that one, or disconnect it first.");
    case AttemptResult::kSuperseded:
      return FailedPrecondition(reason::kLinkDisconnecting,
                                "The link was disconnected meanwhile. Connect again when that is "
                                "done.");
    case AttemptResult::kConnectedElsewhere:
      return FailedPrecondition(reason::kConnectedElsewhere,
                                "Another user is connected to this Zoom account.");
    case AttemptResult::kSystemError:
      return PendingGrantDead();
    case AttemptResult::kUnspecified:
    case AttemptResult::kConnected:
    case AttemptResult::kCancelled:
    case AttemptResult::kExpired:
      break;
  }
  return AttemptNotExchanged();
}

}  // namespace shodan::account_link
