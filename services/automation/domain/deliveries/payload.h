// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/automation/domain/deliveries/delivery.h"
#include "services/automation/domain/deliveries/link_events.h"
#include "services/automation/domain/vault_port.h"

namespace shodan::automation {

/// The bodies that are sent: `{"type","timestamp","data"}` in one line of JSON. DELIVERIES.md
/// documents them.
std::string LinkEventPayload(std::string_view event_type, const LinkChange& change);
std::string EndpointDisabledPayload(const std::string& project_id, const std::string& endpoint_id,
                                    std::string_view reason, Time time);
/// Of an event of Zoom's. INVALID_ARGUMENT/WEBHOOK_MALFORMED, DATA_LOSS/SEALED_FIELD_MISPLACED,
/// /SEALED_FIELD_CORRUPT.
absl::StatusOr<std::string> TriggerPayload(const std::string& event_type, const StoredEvent& event,
                                           const LinkDataKey& key);

}  // namespace shodan::automation
