// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "libs/observability/log.h"
#include "services/token-vault/domain/authorization/identification.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/token_answer.h"

namespace shodan::tokenvault {

/// Takes in what Zoom issued for an attempt that is exchanging. Thread-safe.
class GrantIntake {
 public:
  struct Parts {
    PendingGrantStore& pending;
    ErasureStore& erasures;
    const Sealing& sealing;
    Identification& identification;
    const Lifetimes& lifetimes;
    Pause pause;
    Logger& log;
  };
  explicit GrantIntake(Parts parts) : parts_(std::move(parts)) {}

  /// Stores the tokens as the attempt's pending grant before anything about them is checked,
  /// repeating the write until its fate is known; then learns whose they are, or leaves that to the
  /// sweep. Tokens of an attempt that ended meanwhile go to the eraser. `used` is the refresh token
  /// that brought them, empty when there was none; `sent_at` is when Zoom was asked.
  absl::Status Store(const Attempt& attempt, Time sent_at, const Secret& used,
                     const TokenSet& tokens, const Actor& actor);

 private:
  absl::Status HandOverLate(const Attempt& attempt, const Secret& used, const TokenSet& tokens);

  Parts parts_;
};

}  // namespace shodan::tokenvault
