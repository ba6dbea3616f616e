// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/grant_store.h"

namespace shodan::tokenvault {

/// GrantStore on PostgreSQL.
class PostgresGrantStore : public GrantStore {
 public:
  explicit PostgresGrantStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<Grant>> Find(const std::string& project_id,
                                            const std::string& user_id,
                                            std::chrono::milliseconds refresh_margin,
                                            Deadline deadline) override;
  absl::StatusOr<std::optional<ProfileRecord>> FindProfile(const std::string& project_id,
                                                           const std::string& user_id,
                                                           Deadline deadline) override;
  absl::StatusOr<std::optional<RefreshIntent>> BeginRefresh(const TokenKey& token,
                                                            const std::string& owner,
                                                            std::chrono::milliseconds lease,
                                                            Deadline deadline) override;
  absl::StatusOr<StoreResult> StoreRefresh(const TokenKey& token, const SealedTokens& tokens,
                                           Time asked_at, const std::string& write_id,
                                           Deadline deadline) override;
  absl::StatusOr<std::optional<IdentifiedLink>> FindByIdentity(const std::string& zoom_app_id,
                                                               const IdentityTags& tags,
                                                               Deadline deadline) override;
  absl::StatusOr<std::optional<Secret>> FindIntentSecret(const TokenKey& token,
                                                         Deadline deadline) override;
  absl::Status EndRefresh(const TokenKey& token, const std::string& intent_id,
                          const RefreshEnd& end, Deadline deadline) override;
  absl::StatusOr<bool> RequireReconnect(const TokenKey& token, GrantCause cause,
                                        Deadline deadline) override;
  absl::StatusOr<std::vector<Grant>> ListDoubtful(int limit, Deadline deadline) override;
  absl::StatusOr<std::vector<Grant>> ListIdle(std::chrono::milliseconds age, int limit,
                                              Deadline deadline) override;
  absl::StatusOr<std::vector<GrantEvent>> ListEvents(int64_t after_event_id, int limit,
                                                     Deadline deadline) override;
  absl::Status WipeOldProfiles(std::chrono::milliseconds age, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::tokenvault
