// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/automation/domain/time.h"

namespace shodan::automation {

/// An event of one link that is held back until earlier ones may have come.
struct HeldEvent {
  std::string webhook_id;
  Time event_time;         ///< by Zoom's clock
  int64_t receive_id = 0;  ///< counts what came here
  bool due = false;        ///< it was held for long enough
};

/// An event at its place.
struct OrderedEvent {
  std::string webhook_id;
  Time event_time;
  bool late = false;  ///< something that happened after it was told before it
};

/// Which of a link's held events are told now, and in what order: those that are due, and with them
/// those that happened earlier, in the order in which they happened; of two at the same time the
/// one that came first. `last_told` is the latest event time told so far.
std::vector<OrderedEvent> OrderEvents(std::vector<HeldEvent> held, std::optional<Time> last_told);

}  // namespace shodan::automation
