// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/account-link/domain/attempt.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// What is asked of the vault.
enum class DecisionKind { kActivate, kDiscard, kErase };

std::string_view ToText(DecisionKind kind);
std::optional<DecisionKind> ParseDecisionKind(std::string_view text);

/// A decision about a link, written in the transaction that made it and carried out in the vault
/// afterwards, as often as it takes.
struct Decision {
  std::string decision_id;
  UserKey owner;
  std::string link_id;
  DecisionKind kind = DecisionKind::kActivate;
  std::string attempt_id;                              ///< kActivate and kDiscard
  int64_t expected_generation = 0;                     ///< of the link when the decision was made
  AttemptResult result = AttemptResult::kUnspecified;  ///< kDiscard: what the user is told
  LinkCause cause = LinkCause::kUnspecified;           ///< kErase
  Actor actor;
  bool done = false;

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// What is to become of an exchanged attempt.
struct Verdict {
  DecisionKind kind = DecisionKind::kActivate;         ///< kActivate or kDiscard
  AttemptResult result = AttemptResult::kUnspecified;  ///< of kDiscard

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// One Zoom account per user: a link that has one accepts only the same again, one that is being
/// disconnected accepts none. An import takes no Zoom user over from another link. The attempt's
/// identity must be known and have been compared at this state of the link.
Verdict DecideAttempt(LinkState state, const Attempt& attempt);

/// What CompleteLink answers to an attempt that ended without a connection.
absl::Status RefusalOf(AttemptResult result);

}  // namespace shodan::account_link
