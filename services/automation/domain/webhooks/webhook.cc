// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/webhook.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace shodan::automation {
namespace {

constexpr std::pair<WebhookState, std::string_view> kStates[] = {
    {WebhookState::kReceived, "received"}, {WebhookState::kHeld, "held"},
    {WebhookState::kReleased, "released"}, {WebhookState::kSettled, "settled"},
    {WebhookState::kParked, "parked"},
};

}  // namespace

std::string_view ToText(WebhookState state) {
  return std::find_if(std::begin(kStates), std::end(kStates),
                      [&](const auto& entry) { return entry.first == state; })
      ->second;
}

std::optional<WebhookState> ParseWebhookState(std::string_view text) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const auto& entry) { return entry.second == text; });
  if (found == std::end(kStates)) return std::nullopt;
  return found->first;
}

}  // namespace shodan::automation
