// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/automation/domain/vault_port.h"
#include "services/automation/domain/webhooks/event_order.h"

namespace shodan::automation {

/// A link's stream, locked until the transaction ends.
struct LockedStream {
  int64_t last_sequence = 0;
  std::optional<Time> last_event_time;
  int64_t ended_generation = 0;
};

/// Waits for the lock; the first call makes the row.
absl::StatusOr<LockedStream> LockStream(postgres::Session& session, const std::string& link_id);
/// nullopt when another transaction has the lock, or there is no row.
absl::StatusOr<std::optional<LockedStream>> TryLockStream(postgres::Session& session,
                                                          const std::string& link_id);

/// Gives the events the next numbers of the locked stream, in their order.
absl::Status TellEvents(postgres::Session& session, const std::string& link_id, LockedStream stream,
                        const std::vector<OrderedEvent>& events);

/// Deletes what the life that this event ended, and those before it, have left; audited when there
/// was something. How many webhooks.
absl::StatusOr<int> EraseLife(postgres::Session& session, const GrantEvent& event);

}  // namespace shodan::automation
