// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/complete_link.h"
#include "services/account-link/domain/disconnect.h"
#include "services/account-link/domain/grant_events.h"
#include "services/account-link/domain/link_store.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// Finishes what crashed, gave up or was never begun: follows the vault's events, carries undone
/// decisions out, decides pending grants that nobody came back for.
///
/// Every replica runs one; they share the work through leases in the store. One thread at a time.
class Reconciler {
 public:
  /// Something that could not be finished in a run; it is tried again later.
  struct Incident {
    std::string_view what;  ///< "decision" or "pending_grant"
    std::string id;         ///< of the decision or the attempt
    absl::Status status;
  };

  /// What a run did.
  struct Report {
    int events_applied = 0;
    int events_mismatched = 0;
    int decisions_carried_out = 0;
    int pending_grants_decided = 0;
    std::vector<Incident> incidents;
    /// Why the run ended early; OK when it went through.
    absl::Status status;
  };

  /// Decisions and pending grants younger than `grace` belong to the calls that made them.
  Reconciler(LinkStore& links, Vault& vault, GrantEventFeed& feed, CompleteLink& complete_link,
             Disconnect& disconnect, std::chrono::milliseconds grace)
      : links_(links),
        vault_(vault),
        feed_(feed),
        complete_link_(complete_link),
        disconnect_(disconnect),
        grace_(grace) {}

  Report RunOnce(Deadline deadline);

 private:
  // When to look again at a pending grant that could not be decided, in runs.
  struct BackOff {
    int wait = 0;
    int pause = 1;
  };

  absl::Status FollowEvents(Deadline deadline, Report& report);
  absl::Status CarryOutDecisions(Deadline deadline, Report& report);
  absl::Status DecidePendingGrants(Deadline deadline, Report& report);
  void DecidePendingGrant(const PendingGrant& grant, Deadline deadline,
                          std::map<std::string, BackOff>& waiting, Report& report);

  LinkStore& links_;
  Vault& vault_;
  GrantEventFeed& feed_;
  CompleteLink& complete_link_;
  Disconnect& disconnect_;
  std::chrono::milliseconds grace_;
  std::map<std::string, BackOff> waiting_;
};

}  // namespace shodan::account_link
