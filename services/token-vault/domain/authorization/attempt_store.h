// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/authorization/attempt.h"

namespace shodan::tokenvault {

/// What StartAuthorization stores.
struct NewAttempt {
  std::string attempt_id;
  std::string project_id;
  std::string user_id;
  std::string user_display_name;
  std::string zoom_app_id;
  Purpose purpose = Purpose::kConnect;
  std::string ticket_hash;
  std::chrono::milliseconds ticket_lifetime{0};
  std::chrono::milliseconds attempt_lifetime{0};
};

/// An attempt as found by its ticket.
struct TicketedAttempt {
  Attempt attempt;
  std::string user_display_name;
};

/// What redeeming a ticket adds.
struct Redemption {
  std::string state_hash;
  std::string cookie_hash;
  std::string sealed_verifier;
};

/// An attempt as found by its state parameter.
struct RedeemedAttempt {
  Attempt attempt;
  std::string cookie_hash;
  std::string sealed_verifier;  ///< empty once the attempt was consumed
};

/// Authorization attempts. Every time is the database's. Each method is one transaction;
/// UNAVAILABLE/DATABASE_UNAVAILABLE and the like pass through. Thread-safe.
class AttemptStore {
 public:
  virtual ~AttemptStore() = default;

  /// ALREADY_EXISTS/ATTEMPT_EXISTS when there is one of this id already.
  virtual absl::StatusOr<Attempt> Insert(const NewAttempt& attempt, const Actor& actor,
                                         Deadline deadline) = 0;
  /// The attempt whose ticket is unused and not too old.
  virtual absl::StatusOr<std::optional<TicketedAttempt>> FindByTicket(
      const std::string& ticket_hash, Deadline deadline) = 0;
  /// Uses the ticket up. False when another call was first.
  virtual absl::StatusOr<bool> Redeem(const std::string& ticket_hash, const Redemption& redemption,
                                      Deadline deadline) = 0;
  virtual absl::StatusOr<std::optional<RedeemedAttempt>> FindByState(const std::string& state_hash,
                                                                     Deadline deadline) = 0;
  /// pending -> exchanging, once. The time of that, or nullopt when it was not pending any more.
  virtual absl::StatusOr<std::optional<Time>> Consume(const std::string& attempt_id,
                                                      Deadline deadline) = 0;
  /// Ends an attempt that is pending or exchanging; otherwise does nothing.
  virtual absl::Status End(const std::string& attempt_id, AttemptResult result, const Actor& actor,
                           Deadline deadline) = 0;
  /// Ends an exchange whose answer nobody has as system error, and puts the user's active grant in
  /// doubt: Zoom may have replaced it.
  virtual absl::Status EndLost(const std::string& attempt_id, const Actor& actor,
                               Deadline deadline) = 0;
  /// The named attempt of the user, or the latest that he began himself when `attempt_id` is empty.
  virtual absl::StatusOr<std::optional<Attempt>> Find(const std::string& project_id,
                                                      const std::string& user_id,
                                                      const std::string& attempt_id,
                                                      Deadline deadline) = 0;
  /// True while tokens of the user still wait for their revocation.
  virtual absl::StatusOr<bool> HasOpenRevocation(const std::string& project_id,
                                                 const std::string& user_id, Deadline deadline) = 0;
  /// Ends what a closed browser or a crash left: pending past its life as expired, exchanging for
  /// longer than `exchange_limit` as lost; deletes attempts that ended `retention` ago, imports
  /// only once their key is gone.
  virtual absl::Status Sweep(std::chrono::milliseconds exchange_limit,
                             std::chrono::milliseconds retention, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
