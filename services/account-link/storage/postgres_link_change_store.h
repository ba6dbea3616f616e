// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/link_change_store.h"

namespace shodan::account_link {

/// Changes of links in PostgreSQL, where triggers write them. The pool outlives it.
class PostgresLinkChangeStore final : public LinkChangeStore {
 public:
  explicit PostgresLinkChangeStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<ChangePosition> Newest(Deadline deadline) override;
  absl::StatusOr<LinkChangePage> ListChanges(const ChangePosition& after,
                                             const std::string& project_id, int limit,
                                             Deadline deadline) override;
  absl::StatusOr<LinkSnapshotPage> ListConnectedLinks(const std::string& project_id,
                                                      const std::string& after_user_id, int limit,
                                                      Deadline deadline) override;
  absl::StatusOr<int> RemoveOld(std::chrono::milliseconds retention, int limit,
                                Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
