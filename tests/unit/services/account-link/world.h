// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/contract/services/account-link/fakes/in_memory_database.h"
#include "tests/contract/services/account-link/fakes/in_memory_link_store.h"
#include "tests/contract/services/account-link/fakes/saga.h"

namespace shodan::account_link::testing {

inline const UserKey kAiko{"demo", "aiko"};
inline const UserKey kBen{"demo", "ben"};

/// One replica of account-link with everything in memory.
struct World {
  World() : store(database), saga(store, vault, kGrace) {}

  static constexpr std::chrono::milliseconds kGrace{0};

  /// A user connected to this Zoom user.
  Link Connected(const UserKey& owner, const std::string& zoom_user) {
    return saga.Complete(owner, vault.ExchangedAttempt(owner, zoom_user)).value();
  }
  /// Audited actions about a user's link, in order.
  std::vector<std::string> AuditOf(const UserKey& owner) const {
    std::vector<std::string> actions;
    for (const AuditEntry& entry : database.Committed().audit) {
      if (entry.owner == owner) actions.emplace_back(entry.action);
    }
    return actions;
  }
  int UndoneDecisions() const {
    const auto decisions = database.Committed().decisions;
    return static_cast<int>(
        std::count_if(decisions.begin(), decisions.end(),
                      [](const auto& entry) { return !entry.second.decision.done; }));
  }

  InMemoryDatabase database;
  InMemoryLinkStore store;
  FakeVault vault;
  Saga saga;
};

}  // namespace shodan::account_link::testing
