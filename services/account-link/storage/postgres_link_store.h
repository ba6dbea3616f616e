// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/link_store.h"

namespace shodan::account_link {

/// Links and decisions in PostgreSQL. The pool outlives it.
class PostgresLinkStore final : public LinkStore {
 public:
  explicit PostgresLinkStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<Link>> Find(const UserKey& owner, Deadline deadline) override;
  absl::Status Transact(Deadline deadline,
                        const std::function<absl::Status(LinkTransaction&)>& body) override;
  absl::StatusOr<int64_t> Cursor(Deadline deadline) override;
  absl::StatusOr<std::vector<Decision>> LeaseUndoneDecisions(const LeasePolicy& policy, int limit,
                                                             Deadline deadline) override;
  absl::Status PurgeExpired(int limit, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
