// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/names.h"

#include <array>

namespace shodan::tokenvault {
namespace {

constexpr std::array<std::string_view, 4> kGrantStates = {"none", "active", "reconnect_required",
                                                          "disconnecting"};
constexpr std::array<std::string_view, 10> kGrantCauses = {
    "",        "lost_response", "revoked",      "account_inactive",      "reauthorized_elsewhere",
    "expired", "taken_over",    "disconnected", "disconnected_by_admin", "app_replaced"};
constexpr std::array<std::string_view, 5> kAttemptStates = {"pending", "exchanging", "exchanged",
                                                            "activated", "ended"};
constexpr std::array<std::string_view, 9> kAttemptResults = {
    "",        "connected",    "cancelled",  "other_account_connected", "different_account",
    "expired", "system_error", "superseded", "connected_elsewhere"};
constexpr std::array<std::string_view, 3> kPurposes = {"connect", "reconnect", "import"};

template <typename Enum, size_t size>
Enum Named(const std::array<std::string_view, size>& names, std::string_view name) {
  for (size_t i = 0; i < size; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return static_cast<Enum>(0);
}

}  // namespace

std::string_view NameOf(GrantState state) { return kGrantStates.at(static_cast<size_t>(state)); }
std::string_view NameOf(GrantCause cause) { return kGrantCauses.at(static_cast<size_t>(cause)); }
std::string_view NameOf(AttemptState state) {
  return kAttemptStates.at(static_cast<size_t>(state));
}
std::string_view NameOf(AttemptResult result) {
  return kAttemptResults.at(static_cast<size_t>(result));
}
std::string_view NameOf(Purpose purpose) { return kPurposes.at(static_cast<size_t>(purpose)); }

GrantState GrantStateNamed(std::string_view name) { return Named<GrantState>(kGrantStates, name); }
GrantCause GrantCauseNamed(std::string_view name) { return Named<GrantCause>(kGrantCauses, name); }
AttemptState AttemptStateNamed(std::string_view name) {
  return Named<AttemptState>(kAttemptStates, name);
}
AttemptResult AttemptResultNamed(std::string_view name) {
  return Named<AttemptResult>(kAttemptResults, name);
}
Purpose PurposeNamed(std::string_view name) { return Named<Purpose>(kPurposes, name); }

}  // namespace shodan::tokenvault
