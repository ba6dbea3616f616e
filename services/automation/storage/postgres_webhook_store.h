// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// WebhookStore in PostgreSQL. The pool outlives it.
class PostgresWebhookStore final : public WebhookStore {
 public:
  explicit PostgresWebhookStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<bool> Insert(const NewWebhook& webhook, std::chrono::milliseconds duplicates_for,
                              Deadline deadline) override;
  absl::StatusOr<std::vector<ClaimedWebhook>> Claim(int limit, std::chrono::milliseconds lease,
                                                    Deadline deadline) override;
  absl::Status Hold(const ClaimedWebhook& claimed, const ReadWebhook& read,
                    std::chrono::milliseconds hold, Deadline deadline) override;
  absl::Status Settle(const ClaimedWebhook& claimed, std::string_view event,
                      std::string_view reason, Deadline deadline) override;
  absl::Status Park(const ClaimedWebhook& claimed, std::string_view event, std::string_view reason,
                    Deadline deadline) override;
  absl::Status Retry(const ClaimedWebhook& claimed, std::chrono::milliseconds delay, bool counts,
                     Deadline deadline) override;
  absl::StatusOr<std::vector<std::string>> ListDueLinks(int limit, Deadline deadline) override;
  absl::StatusOr<int> Release(const std::string& link_id, int limit, Deadline deadline) override;
  absl::StatusOr<std::vector<ReleasedEvent>> ListReleased(const std::string& project_id,
                                                          const std::string& user_id, int64_t after,
                                                          int limit, Deadline deadline) override;
  absl::StatusOr<int64_t> GrantPosition(Deadline deadline) override;
  absl::StatusOr<int> ApplyGrantEvents(const std::vector<GrantEvent>& events,
                                       Deadline deadline) override;
  absl::StatusOr<int> RemoveOld(std::chrono::milliseconds retention,
                                std::chrono::milliseconds duplicates_for, int limit,
                                Deadline deadline) override;
  absl::StatusOr<std::vector<WebhookRecord>> List(const WebhookQuery& query,
                                                  Deadline deadline) override;
  absl::StatusOr<ReplayResult> Replay(const ReplayRequest& request, int limit, const Actor& actor,
                                      Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::automation
