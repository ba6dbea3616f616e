// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"

namespace shodan::tokenvault {

/// KeyRotationStore over PostgreSQL.
class PostgresKeyStore : public KeyRotationStore {
 public:
  explicit PostgresKeyStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<KeyUse> Agree(const std::string& replica, const KeyRing& ring,
                               Deadline deadline) override;
  absl::Status ReportProblem(const std::string& replica, std::string_view reason,
                             Deadline deadline) override;
  absl::Status Leave(const std::string& replica, Deadline deadline) override;
  absl::StatusOr<KeyStatus> Status(std::chrono::milliseconds stale, Deadline deadline) override;
  absl::Status Promote(int32_t key_epoch, std::chrono::milliseconds stale, const Actor& actor,
                       Deadline deadline) override;
  absl::Status Retire(int32_t key_epoch, std::chrono::milliseconds retire_after,
                      std::chrono::milliseconds stale, const Actor& actor,
                      Deadline deadline) override;
  absl::Status Destroy(int32_t key_epoch, std::chrono::milliseconds stale, const Actor& actor,
                       Deadline deadline) override;
  absl::StatusOr<std::map<int32_t, int64_t>> RowsLeft(Deadline deadline) override;
  absl::StatusOr<std::vector<SealedRow>> ListSealed(SealedTable table, int32_t key_epoch,
                                                    const std::string& after, int limit,
                                                    Deadline deadline) override;
  absl::StatusOr<int> ReplaceSealed(SealedTable table, int32_t key_epoch,
                                    const std::vector<SealedRow>& before,
                                    const std::vector<SealedRow>& after,
                                    Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
