// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/call.h"

#include <array>
#include <utility>

namespace shodan::account_link {
namespace {

constexpr std::array<std::pair<CallOutcome, std::string_view>, 6> kOutcomes = {{
    {CallOutcome::kUnspecified, "unspecified"},
    {CallOutcome::kConnected, "connected"},
    {CallOutcome::kMissed, "missed"},
    {CallOutcome::kBusy, "busy"},
    {CallOutcome::kVoicemail, "voicemail"},
    {CallOutcome::kFailed, "failed"},
}};

}  // namespace

std::string_view ToText(CallOutcome outcome) {
  for (const auto& [value, name] : kOutcomes) {
    if (value == outcome) return name;
  }
  return "";
}

std::optional<CallOutcome> ParseCallOutcome(std::string_view text) {
  for (const auto& [value, name] : kOutcomes) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace shodan::account_link
