// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/attempt.h"

#include <array>
#include <optional>
#include <utility>

namespace shodan::account_link {
namespace {

constexpr std::array<std::pair<AttemptResult, std::string_view>, 9> kResults = {{
    {AttemptResult::kUnspecified, ""},
    {AttemptResult::kConnected, "connected"},
    {AttemptResult::kCancelled, "cancelled"},
    {AttemptResult::kOtherAccountConnected, "other_account_connected"},
    {AttemptResult::kDifferentAccount, "different_account"},
    {AttemptResult::kExpired, "expired"},
    {AttemptResult::kSystemError, "system_error"},
    {AttemptResult::kSuperseded, "superseded"},
    {AttemptResult::kConnectedElsewhere, "connected_elsewhere"},
}};

}  // namespace

std::string_view ToText(AttemptResult result) {
  for (const auto& [value, name] : kResults) {
    if (value == result) return name;
  }
  return "";
}

std::optional<AttemptResult> ParseAttemptResult(std::string_view text) {
  for (const auto& [value, name] : kResults) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace shodan::account_link
