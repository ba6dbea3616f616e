// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/erasure/ledger_store.h"

namespace shodan::tokenvault {

/// LedgerStore on PostgreSQL.
class PostgresLedgerStore : public LedgerStore {
 public:
  explicit PostgresLedgerStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::vector<EndedLife>> ListUnfiled(const std::string& link_id,
                                                     std::chrono::milliseconds min_age, int limit,
                                                     Deadline deadline) override;
  absl::Status MarkFiled(const EndedLife& life, Deadline deadline) override;
  absl::StatusOr<LedgerStanding> Look(const std::string& writer, Deadline deadline) override;
  absl::StatusOr<LedgerRestore> CheckIn(const LedgerReport& report, Deadline deadline) override;
  absl::StatusOr<LedgerRestore> Confirm(const std::string& writer, int64_t restore_id,
                                        int64_t last_sequence, Deadline deadline) override;
  absl::StatusOr<LedgerDeclaration> Declare(const Actor& actor, Deadline deadline) override;
  absl::Status Leave(const std::string& writer, int64_t last_sequence, Deadline deadline) override;
  absl::StatusOr<std::vector<EndedLife>> ListMissing(const std::vector<EndedLife>& lives,
                                                     Deadline deadline) override;
  absl::Status EndAgain(const EndedLife& life, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
