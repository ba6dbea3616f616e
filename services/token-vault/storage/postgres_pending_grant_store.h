// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"

namespace shodan::tokenvault {

/// PendingGrantStore on PostgreSQL.
class PostgresPendingGrantStore : public PendingGrantStore {
 public:
  explicit PostgresPendingGrantStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<bool> Insert(const PendingGrant& grant, const SealedTokens& tokens,
                              const Actor& actor, Deadline deadline) override;
  absl::Status SetIdentity(const std::string& attempt_id, const std::string& sealed_profile,
                           const IdentityTags& tags, int32_t key_epoch, Deadline deadline) override;
  absl::StatusOr<std::optional<PendingGrant>> Find(const std::string& attempt_id,
                                                   Deadline deadline) override;
  absl::StatusOr<IdentityStanding> Standing(const PendingGrant& grant, Deadline deadline) override;
  absl::StatusOr<std::vector<PendingGrant>> List(std::chrono::milliseconds min_age,
                                                 const std::string& after_attempt_id, int limit,
                                                 Deadline deadline) override;
  absl::StatusOr<std::vector<PendingGrant>> TakeUnidentified(int limit, Deadline deadline) override;
  absl::Status DropUnidentified(std::chrono::milliseconds limit, Deadline deadline) override;
  absl::StatusOr<std::optional<Time>> LeaseForProof(const std::string& attempt_id,
                                                    std::chrono::milliseconds lease,
                                                    Deadline deadline) override;
  absl::StatusOr<bool> StoreProof(const std::string& attempt_id, int64_t token_version,
                                  const SealedTokens& tokens, Time asked_at,
                                  Deadline deadline) override;
  absl::Status ReleaseProof(const std::string& attempt_id, Deadline deadline) override;
  absl::StatusOr<bool> Discard(const std::string& attempt_id, const std::string& decision_id,
                               AttemptResult result, const Actor& actor,
                               Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
