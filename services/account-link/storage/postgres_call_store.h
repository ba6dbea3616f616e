// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/call_store.h"

namespace shodan::account_link {

/// Calls in PostgreSQL. The pool outlives it.
class PostgresCallStore final : public CallStore {
 public:
  explicit PostgresCallStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Call> Create(const CallContent& content, const IdempotentRequest& request,
                              Deadline deadline) override;
  absl::StatusOr<Call> Get(const UserKey& owner, const std::string& call_id,
                           Deadline deadline) override;
  absl::StatusOr<std::vector<Call>> List(const UserKey& owner, const CallFilter& filter,
                                         const PageQuery& query, Deadline deadline) override;
  absl::StatusOr<Call> Update(const UserKey& owner, const std::string& call_id,
                              const CallChange& change, const std::string& etag,
                              Deadline deadline) override;
  absl::Status Delete(const UserKey& owner, const std::string& call_id, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
