// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "libs/postgres/pool.h"
#include "services/account-link/domain/connect_session.h"

namespace shodan::account_link {

/// Connect sessions in PostgreSQL. The pool outlives it.
class PostgresConnectSessionStore final : public ConnectSessionStore {
 public:
  explicit PostgresConnectSessionStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<ConnectSession> Insert(const ConnectSessionContent& content,
                                        const std::string& secret_hash, const Actor& actor,
                                        Deadline deadline) override;
  absl::StatusOr<std::optional<ConnectSession>> Find(const std::string& secret_hash,
                                                     Deadline deadline) override;
  absl::StatusOr<bool> Delete(const std::string& secret_hash, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
