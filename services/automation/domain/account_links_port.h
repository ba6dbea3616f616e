// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/webhooks/envelope.h"

namespace shodan::automation {

/// Port to account-link. Thread-safe.
class AccountLinks {
 public:
  virtual ~AccountLinks() = default;

  /// Ends the link of a Zoom user who removed the app; without effect when there is none, or when
  /// it began later. UNAVAILABLE/ACCOUNT_LINK_UNAVAILABLE; may be repeated.
  virtual absl::Status Deauthorize(const std::string& project_id,
                                   const Deauthorization& deauthorization, Deadline deadline) = 0;
};

}  // namespace shodan::automation
