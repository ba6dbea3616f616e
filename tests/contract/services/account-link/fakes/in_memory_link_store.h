// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "services/account-link/domain/link_store.h"
#include "tests/contract/services/account-link/fakes/in_memory_database.h"

namespace shodan::account_link::testing {

/// LinkStore without a database; held to the contract that the real one is held to.
class InMemoryLinkStore final : public LinkStore {
 public:
  explicit InMemoryLinkStore(InMemoryDatabase& database) : database_(database) {}

  absl::StatusOr<std::optional<Link>> Find(const UserKey& owner, Deadline deadline) override;
  absl::Status Transact(Deadline deadline,
                        const std::function<absl::Status(LinkTransaction&)>& body) override;
  absl::StatusOr<int64_t> Cursor(Deadline deadline) override;
  absl::StatusOr<std::vector<Decision>> LeaseUndoneDecisions(const LeasePolicy& policy, int limit,
                                                             Deadline deadline) override;
  absl::Status PurgeExpired(int limit, Deadline deadline) override;

 private:
  InMemoryDatabase& database_;
};

}  // namespace shodan::account_link::testing
