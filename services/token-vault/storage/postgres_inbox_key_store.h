// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/webhooks/inbox_key_store.h"

namespace shodan::tokenvault {

/// InboxKeyStore in PostgreSQL. The pool outlives it.
class PostgresInboxKeyStore final : public InboxKeyStore {
 public:
  explicit PostgresInboxKeyStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<InboxKeyRecord> FindOrCreate(InboxKeyUse use, const Make& make,
                                              Deadline deadline) override;
  absl::StatusOr<std::optional<InboxKeyRecord>> Find(const std::string& inbox_key_id,
                                                     Deadline deadline) override;
  absl::Status DestroyOld(std::chrono::milliseconds age, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
