// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/automation/domain/deliveries/link_events.h"

namespace shodan::automation {

/// A project whose links this process follows.
struct HeldWatch {
  std::string project_id;
  std::string resume_token;  ///< empty: begin with a snapshot
};

/// A piece of what account-link told.
struct LinkNews {
  std::vector<LinkChange> changes;
  std::string snapshot_id;    ///< of a snapshot: the same for all of its pieces; else empty
  bool snapshot_end = false;  ///< links that were in no piece are not connected
  std::string resume_token;   ///< empty within a snapshot
};

/// How far the links of projects with endpoints were followed. One process follows a project at a
/// time. Thread-safe; errors of the database pass through.
class LinkWatchStore {
 public:
  virtual ~LinkWatchStore() = default;

  /// Prolongs what `holder` follows and takes on what nobody does, `limit` projects together.
  virtual absl::StatusOr<std::vector<HeldWatch>> Hold(const std::string& holder, int limit,
                                                      std::chrono::milliseconds lease,
                                                      Deadline deadline) = 0;
  /// Makes deliveries of what is new in it and keeps the position, together or not at all. Of the
  /// first snapshot only what changed since shortly before the project had an endpoint is new.
  /// False when somebody else follows the project by now: nothing was done.
  virtual absl::StatusOr<bool> Apply(const std::string& project_id, const std::string& holder,
                                     const LinkNews& news, Deadline deadline) = 0;
  /// The position is of no use any more: begin with a snapshot.
  virtual absl::Status Restart(const std::string& project_id, const std::string& holder,
                               Deadline deadline) = 0;
};

}  // namespace shodan::automation
