// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace shodan::automation {

/// What an endpoint can be told of, beside Zoom's names of the nine triggers.
namespace event_type {

inline constexpr std::string_view kLinkConnected = "link.connected";
inline constexpr std::string_view kLinkReconnectRequired = "link.reconnect_required";
inline constexpr std::string_view kLinkRecovered = "link.recovered";
inline constexpr std::string_view kLinkErased = "link.erased";
inline constexpr std::string_view kEndpointDisabled = "webhook_endpoint.disabled";

}  // namespace event_type

inline constexpr int kEventTypes = 14;

/// One of the five above, or Zoom's name of a trigger.
bool IsEventType(std::string_view text);

}  // namespace shodan::automation
