// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/keys/key_schedule.h"

namespace shodan::tokenvault {

/// ErasureStore on PostgreSQL.
class PostgresErasureStore : public ErasureStore {
 public:
  /// `schedule` decides which date a receipt names for backups.
  explicit PostgresErasureStore(postgres::Pool& pool, const KeySchedule& schedule = {})
      : pool_(pool), schedule_(schedule) {}

  absl::StatusOr<ErasureProgress> Begin(const ErasureRequest& request,
                                        std::chrono::milliseconds revocation_deadline,
                                        const Actor& actor, Deadline deadline) override;
  absl::StatusOr<std::vector<Revocation>> Lease(const std::string& link_id,
                                                std::chrono::milliseconds min_age,
                                                std::chrono::milliseconds lease, int limit,
                                                Deadline deadline) override;
  absl::Status Identify(const std::string& revocation_id, const IdentityTags& tags,
                        Deadline deadline) override;
  absl::StatusOr<bool> Permit(const std::string& revocation_id, Deadline deadline) override;
  absl::Status QueueLate(const LateTokens& late, const SealedTokens& tokens,
                         std::chrono::milliseconds revocation_deadline, Deadline deadline) override;
  absl::Status ReplaceTokens(const std::string& revocation_id, const SealedTokens& tokens,
                             Deadline deadline) override;
  absl::Status Postpone(const std::string& revocation_id, std::chrono::milliseconds delay,
                        Deadline deadline) override;
  absl::Status Wipe(const std::string& revocation_id, bool confirmed, Deadline deadline) override;
  absl::StatusOr<ErasureProgress> Progress(const std::string& decision_id,
                                           Deadline deadline) override;
  absl::Status Sweep(std::chrono::milliseconds retention, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
  const KeySchedule schedule_;
};

}  // namespace shodan::tokenvault
