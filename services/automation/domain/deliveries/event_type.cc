// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/event_type.h"

#include "services/automation/domain/triggers/trigger.h"

namespace shodan::automation {

bool IsEventType(std::string_view text) {
  using namespace event_type;  // NOLINT(google-build-using-namespace)
  return text == kLinkConnected || text == kLinkReconnectRequired || text == kLinkRecovered ||
         text == kLinkErased || text == kEndpointDisabled || TriggerOf(text).has_value();
}

}  // namespace shodan::automation
