// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/authorization/activation_store.h"

namespace shodan::tokenvault {

/// ActivationStore on PostgreSQL.
class PostgresActivationStore : public ActivationStore {
 public:
  explicit PostgresActivationStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Activation> Activate(const ActivationRequest& request, const Plan& plan,
                                      const Actor& actor, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
