// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A line of the audit, written in the transaction of the change. Holds nothing of Zoom's.
struct AuditEntry {
  UserKey owner;
  std::string link_id;
  Actor actor;
  std::string_view action;  ///< "link.connected" and the like
  std::vector<std::pair<std::string, std::variant<std::string, int64_t>>> details;
};

/// The entry for a change of a link's state, or of its generation within a state.
AuditEntry AuditOf(const Link& link, const Actor& actor);

/// The actor of changes that the vault made by itself.
Actor VaultActor();
/// The actor of what the reconciler decides.
Actor ReconcilerActor();

}  // namespace shodan::account_link
