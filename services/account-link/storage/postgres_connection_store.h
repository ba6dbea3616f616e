// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "libs/postgres/pool.h"
#include "services/account-link/domain/connection.h"

namespace shodan::account_link {

/// Connections in PostgreSQL: the rows of links that are connected. The pool outlives it.
class PostgresConnectionStore final : public ConnectionStore {
 public:
  explicit PostgresConnectionStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<Connection>> List(const ConnectionQuery& query,
                                               Deadline deadline) override;
  absl::Status ChangeMetadata(const MetadataChange& change, size_t bytes_max, const Actor& actor,
                              Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
