// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/event_order.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace shodan::automation {

std::vector<OrderedEvent> OrderEvents(std::vector<HeldEvent> held, std::optional<Time> last_told) {
  std::sort(held.begin(), held.end(), [](const HeldEvent& a, const HeldEvent& b) {
    return std::tie(a.event_time, a.receive_id) < std::tie(b.event_time, b.receive_id);
  });
  const auto last_due =
      std::find_if(held.rbegin(), held.rend(), [](const HeldEvent& event) { return event.due; });
  std::vector<OrderedEvent> ordered;
  for (auto event = held.begin(); event != last_due.base(); ++event) {
    const bool late = last_told.has_value() && event->event_time < *last_told;
    ordered.push_back({std::move(event->webhook_id), event->event_time, late});
  }
  return ordered;
}

}  // namespace shodan::automation
