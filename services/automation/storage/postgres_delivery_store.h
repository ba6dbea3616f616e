// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/postgres/pool.h"
#include "services/automation/domain/deliveries/delivery_store.h"

namespace shodan::automation {

/// DeliveryStore in PostgreSQL. The pool outlives it. Whoever locks an endpoint and deliveries of
/// it locks the endpoint first.
class PostgresDeliveryStore final : public DeliveryStore {
 public:
  explicit PostgresDeliveryStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<ClaimedDelivery>> Claim(const EndpointRules& rules,
                                                       std::chrono::milliseconds lease,
                                                       Deadline deadline) override;
  absl::Status Finish(const ClaimedDelivery& claimed, const AttemptEnd& end,
                      const EndpointRules& rules, Deadline deadline) override;
  absl::StatusOr<std::vector<DeliveryRecord>> List(const DeliveryQuery& query,
                                                   Deadline deadline) override;
  absl::StatusOr<int> Replay(const DeliveryReplay& replay, int limit, const Actor& actor,
                             Deadline deadline) override;
  absl::StatusOr<int> RemoveOldDeliveries(std::chrono::milliseconds retention, int limit,
                                          Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::automation
