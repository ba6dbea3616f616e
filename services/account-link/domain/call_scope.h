// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "libs/base/deadline.h"

namespace shodan::account_link {

/// On whose account something happens; goes into the audit and the outbox.
struct Actor {
  std::string name;        ///< "user:<id>", "admin:<id>" or "service:<name>"
  std::string caller;      ///< SPIFFE id of the calling service; empty for this service's own work
  std::string request_id;  ///< of the gateway's request, for logs and audit

  friend bool operator==(const Actor&, const Actor&) = default;
};

/// What a use case knows about the call it serves.
struct CallScope {
  Actor actor;
  Deadline deadline;
};

}  // namespace shodan::account_link
