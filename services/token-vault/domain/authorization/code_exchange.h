// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "services/token-vault/domain/authorization/attempt_store.h"
#include "services/token-vault/domain/authorization/grant_intake.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {

/// An attempt with what a decision about it needs.
struct AttemptStanding {
  Attempt attempt;
  IdentityStanding identity;
};

/// Turns the redirect from Zoom into a pending grant. Thread-safe.
class CodeExchange {
 public:
  struct Parts {
    AttemptStore& attempts;
    PendingGrantStore& pending;
    const ZoomApps& apps;
    const Sealing& sealing;
    OAuthServer& zoom;
    GrantIntake& intake;
    const Lifetimes& lifetimes;
    Pause pause;
    Logger& log;
  };
  explicit CodeExchange(Parts parts) : parts_(std::move(parts)) {}

  /// Consumes the attempt once and exchanges the code, whatever the caller's deadline: an exchange
  /// once begun is finished and stored. Tokens are stored before anything about them is checked. A
  /// repetition answers the attempt as it stands. FAILED_PRECONDITION/ATTEMPT_MISMATCH when state
  /// or cookie do not fit.
  absl::StatusOr<AttemptStanding> Exchange(const Secret& state, const Secret& cookie,
                                           const Secret& code, const std::string& error,
                                           const Actor& actor, Deadline deadline);

  /// NOT_FOUND/ATTEMPT_NOT_FOUND.
  absl::StatusOr<AttemptStanding> Get(const std::string& project_id, const std::string& user_id,
                                      const std::string& attempt_id, Deadline deadline);

 private:
  absl::StatusOr<AttemptStanding> Stand(const Attempt& attempt, Deadline deadline);
  absl::Status ExchangeConsumed(const RedeemedAttempt& redeemed, Time sent_at, const Secret& code,
                                const Actor& actor);
  absl::Status End(const Attempt& attempt, AttemptResult result, const Actor& actor);
  absl::Status EndLost(const Attempt& attempt, const Actor& actor);

  Parts parts_;
};

}  // namespace shodan::tokenvault
