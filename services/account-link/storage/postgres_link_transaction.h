// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/link_store.h"

namespace shodan::account_link {

/// The statements of LinkTransaction on one session.
class PostgresLinkTransaction final : public LinkTransaction {
 public:
  explicit PostgresLinkTransaction(postgres::Session& session) : session_(session) {}

  absl::StatusOr<std::optional<LockedLink>> LockLink(const UserKey& owner) override;
  absl::StatusOr<LockedLink> LockOrCreateLink(const UserKey& owner,
                                              const std::string& link_id) override;
  absl::Status SaveLink(const Link& link) override;
  absl::StatusOr<std::optional<Decision>> FindDecision(const std::string& decision_id) override;
  absl::StatusOr<std::optional<Decision>> FindUndoneDecision(
      const UserKey& owner, const std::string& attempt_id) override;
  absl::StatusOr<std::optional<Decision>> FindUndoneErasure(const UserKey& owner) override;
  absl::Status InsertDecision(const Decision& decision) override;
  absl::Status SetExpectedGeneration(const std::string& decision_id, int64_t generation) override;
  absl::Status FinishDecision(const std::string& decision_id, std::string_view failure) override;
  absl::StatusOr<std::string> ClaimRequest(const IdempotentRequest& request,
                                           const std::string& resource_id) override;
  absl::Status AppendAudit(const AuditEntry& entry) override;
  absl::StatusOr<std::optional<int64_t>> LockCursor(bool wait) override;
  absl::Status AdvanceCursor(int64_t event_id) override;

 private:
  postgres::Session& session_;
};

}  // namespace shodan::account_link
