// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/account-link/domain/external_id_store.h"

namespace shodan::account_link {

/// External ids in PostgreSQL. The pool outlives it.
class PostgresExternalIdStore final : public ExternalIdStore {
 public:
  explicit PostgresExternalIdStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<bool> IsFree(const UserKey& owner, const std::string& external_id,
                              Deadline deadline) override;
  absl::StatusOr<bool> Give(const UserKey& owner, const std::string& external_id,
                            Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
