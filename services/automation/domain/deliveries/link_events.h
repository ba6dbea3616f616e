// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/automation/domain/time.h"

namespace shodan::automation {

/// A link's state, as account-link tells it.
enum class LinkState { kNone, kActive, kReconnectRequired, kDisconnecting };

/// The names under which states are stored. kNone is not.
std::string_view ToText(LinkState state);
std::optional<LinkState> ParseLinkState(std::string_view text);

/// A link as a change left it.
struct LinkChange {
  std::string project_id;
  std::string user_id;
  std::string link_id;
  int64_t generation = 0;
  LinkState state = LinkState::kNone;
  std::string cause;  ///< lower case, "revoked" say; empty when there is none
  Time time;
};

/// What was told of a link last.
struct ToldLink {
  int64_t generation = 0;
  LinkState state = LinkState::kNone;
};

/// Which event the change is; empty when it is none: a repetition, or a step on the way. `before`
/// is kNone for a link that nothing was told of.
std::string_view LinkEventOf(const ToldLink& before, const LinkChange& change);

}  // namespace shodan::automation
