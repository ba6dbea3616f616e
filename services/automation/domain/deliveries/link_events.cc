// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/link_events.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/automation/domain/deliveries/event_type.h"

namespace shodan::automation {
namespace {

constexpr std::pair<LinkState, std::string_view> kStates[] = {
    {LinkState::kNone, "none"},
    {LinkState::kActive, "active"},
    {LinkState::kReconnectRequired, "reconnect_required"},
    {LinkState::kDisconnecting, "disconnecting"},
};

}  // namespace

std::string_view ToText(LinkState state) {
  return std::find_if(std::begin(kStates), std::end(kStates),
                      [&](const auto& entry) { return entry.first == state; })
      ->second;
}

std::optional<LinkState> ParseLinkState(std::string_view text) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const auto& entry) { return entry.second == text; });
  if (found == std::end(kStates)) return std::nullopt;
  return found->first;
}

std::string_view LinkEventOf(const ToldLink& before, const LinkChange& change) {
  const bool same = before.state == change.state && before.generation == change.generation;
  switch (change.state) {
    case LinkState::kActive:
      if (same) return "";
      return before.state == LinkState::kReconnectRequired ? event_type::kLinkRecovered
                                                           : event_type::kLinkConnected;
    case LinkState::kReconnectRequired:
      return same ? "" : event_type::kLinkReconnectRequired;
    case LinkState::kNone:
      return before.state == LinkState::kNone ? "" : event_type::kLinkErased;
    case LinkState::kDisconnecting:
      return "";
  }
  return "";
}

}  // namespace shodan::automation
