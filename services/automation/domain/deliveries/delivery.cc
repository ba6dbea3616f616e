// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/delivery.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace shodan::automation {
namespace {

constexpr std::pair<DeliveryState, std::string_view> kStates[] = {
    {DeliveryState::kPending, "pending"},
    {DeliveryState::kDelivered, "delivered"},
    {DeliveryState::kDead, "dead"},
};

}  // namespace

std::string_view ToText(DeliveryState state) {
  return std::find_if(std::begin(kStates), std::end(kStates),
                      [&](const auto& entry) { return entry.first == state; })
      ->second;
}

std::optional<DeliveryState> ParseDeliveryState(std::string_view text) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const auto& entry) { return entry.second == text; });
  if (found == std::end(kStates)) return std::nullopt;
  return found->first;
}

}  // namespace shodan::automation
