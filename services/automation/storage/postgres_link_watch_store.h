// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/automation/domain/deliveries/link_watch_store.h"

namespace shodan::automation {

/// LinkWatchStore in PostgreSQL. The pool outlives it.
class PostgresLinkWatchStore final : public LinkWatchStore {
 public:
  explicit PostgresLinkWatchStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<HeldWatch>> Hold(const std::string& holder, int limit,
                                              std::chrono::milliseconds lease,
                                              Deadline deadline) override;
  absl::StatusOr<bool> Apply(const std::string& project_id, const std::string& holder,
                             const LinkNews& news, Deadline deadline) override;
  absl::Status Restart(const std::string& project_id, const std::string& holder,
                       Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::automation
