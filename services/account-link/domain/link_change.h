// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A change of a link's state, cause or generation. Ids grow in the order of the commits.
struct LinkChange {
  int64_t change_id = 0;
  Time change_time;
  UserKey owner;
  std::string link_id;
  int64_t generation = 0;
  LinkState state = LinkState::kNone;
  LinkCause cause = LinkCause::kUnspecified;
};

/// A place behind a change. The time tells apart changes that got the same id before and after a
/// restore of the database.
struct ChangePosition {
  int64_t change_id = 0;
  Time change_time;  ///< whole microseconds

  friend bool operator==(const ChangePosition&, const ChangePosition&) = default;
};

enum class LinkEventKind { kSnapshot, kSnapshotEnd, kChange, kHeartbeat };

/// What a watcher is told.
struct LinkEvent {
  LinkEventKind kind = LinkEventKind::kHeartbeat;
  std::optional<ChangePosition> resume;  ///< absent until the snapshot is complete
  LinkChange link;  ///< of kSnapshot and kChange; change_id is meaningless in a snapshot
};

/// A token that names a position in the changes of one project: it fits no other project. It is
/// opaque and noticed when altered; what it names is no secret.
std::string EncodeResumeToken(const ChangePosition& position, std::string_view project_id);
std::optional<ChangePosition> DecodeResumeToken(std::string_view text, std::string_view project_id);

}  // namespace shodan::account_link
