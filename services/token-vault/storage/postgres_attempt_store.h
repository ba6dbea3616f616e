// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/authorization/attempt_store.h"

namespace shodan::tokenvault {

/// AttemptStore on PostgreSQL.
class PostgresAttemptStore : public AttemptStore {
 public:
  explicit PostgresAttemptStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Attempt> Insert(const NewAttempt& attempt, const Actor& actor,
                                 Deadline deadline) override;
  absl::StatusOr<std::optional<TicketedAttempt>> FindByTicket(const std::string& ticket_hash,
                                                              Deadline deadline) override;
  absl::StatusOr<bool> Redeem(const std::string& ticket_hash, const Redemption& redemption,
                              Deadline deadline) override;
  absl::StatusOr<std::optional<RedeemedAttempt>> FindByState(const std::string& state_hash,
                                                             Deadline deadline) override;
  absl::StatusOr<std::optional<Time>> Consume(const std::string& attempt_id,
                                              Deadline deadline) override;
  absl::Status End(const std::string& attempt_id, AttemptResult result, const Actor& actor,
                   Deadline deadline) override;
  absl::Status EndLost(const std::string& attempt_id, const Actor& actor,
                       Deadline deadline) override;
  absl::StatusOr<std::optional<Attempt>> Find(const std::string& project_id,
                                              const std::string& user_id,
                                              const std::string& attempt_id,
                                              Deadline deadline) override;
  absl::StatusOr<bool> HasOpenRevocation(const std::string& project_id, const std::string& user_id,
                                         Deadline deadline) override;
  absl::Status Sweep(std::chrono::milliseconds exchange_limit, std::chrono::milliseconds retention,
                     Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
