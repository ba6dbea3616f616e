// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "services/token-vault/domain/grants/grant_store.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/token_answer.h"

namespace shodan::tokenvault {

/// The six ways a refresh can end.
enum class RefreshOutcome {
  kOk,         ///< tokens stored
  kTerminal,   ///< the grant is dead; the user must authorize again
  kSuspect,    ///< refused, but there is reason to doubt the refusal: ask again shortly
  kAmbiguous,  ///< Zoom may have issued tokens that never arrived
  kTransient,  ///< nothing consumed; later
  kConfig,     ///< our app's registration is refused; no user is at fault
};

/// What a refused or failed refresh means.
struct RefreshDecision {
  RefreshOutcome outcome = RefreshOutcome::kTransient;
  GrantCause cause = GrantCause::kNone;  ///< of kTerminal
  std::chrono::milliseconds delay{0};    ///< until the next attempt, otherwise
};

/// Decides from Zoom's answer and what the intent recorded. `answer_lost`: an earlier request of
/// the same refresh had no complete answer. `jitter` in [0, 1). Pure.
RefreshDecision DecideRefresh(const TokenAnswer& answer, const RefreshIntent& intent,
                              bool answer_lost, const Lifetimes& lifetimes, double jitter);

}  // namespace shodan::tokenvault
