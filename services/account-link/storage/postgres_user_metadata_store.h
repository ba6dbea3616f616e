// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/user_metadata_store.h"

namespace shodan::account_link {

/// User metadata in PostgreSQL. The pool outlives it.
class PostgresUserMetadataStore final : public UserMetadataStore {
 public:
  explicit PostgresUserMetadataStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::string> Get(const UserKey& owner, Deadline deadline) override;
  absl::StatusOr<std::string> Update(const UserKey& owner, const Change& change,
                                     Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
