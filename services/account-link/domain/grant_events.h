// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link_store.h"
#include "services/account-link/domain/vault_port.h"

namespace shodan::account_link {

/// Follows the vault's event feed and applies it to the links. One replica at a time applies; each
/// page and the new position are committed together. Thread-safe.
class GrantEventFeed {
 public:
  /// What to do while another replica applies events.
  enum class Busy {
    kWait,   ///< until it is done: afterwards the links show every event of before the call
    kLeave,  ///< to it
  };

  /// What a pull did.
  struct Progress {
    int applied = 0;
    /// Events that name another link id than the user's row: the two databases were restored to
    /// different times. They change nothing.
    int mismatched = 0;
  };

  GrantEventFeed(LinkStore& links, Vault& vault) : links_(links), vault_(vault) {}

  /// Applies what the feed holds after the stored position.
  /// Errors of the vault and of the store pass through; what was committed before stays.
  absl::StatusOr<Progress> Pull(Busy busy, const CallScope& scope);

 private:
  LinkStore& links_;
  Vault& vault_;
};

}  // namespace shodan::account_link
