// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link_change.h"

namespace shodan::account_link {

/// Some changes and where to go on.
struct LinkChangePage {
  /// False when changes behind the position are no longer kept, or the position is none of this
  /// database's: it was restored to an earlier time. Then the rest means nothing.
  bool known = false;
  std::vector<LinkChange> changes;  ///< in order
  ChangePosition next;              ///< behind the last of them, or behind everything there is
};

/// Some links as they were after `position`, which is never behind a change that they do not show.
struct LinkSnapshotPage {
  std::vector<LinkChange> links;  ///< connected ones, by user id; change_id is 0
  ChangePosition position;
};

/// The changes of links, written by the database in the transactions that make them. Errors of the
/// database pass through. Thread-safe.
class LinkChangeStore {
 public:
  virtual ~LinkChangeStore() = default;

  /// Behind everything there is. A change that is seen later comes behind it.
  virtual absl::StatusOr<ChangePosition> Newest(Deadline deadline) = 0;
  /// Up to `limit` changes behind a position; of every project when `project_id` is empty.
  virtual absl::StatusOr<LinkChangePage> ListChanges(const ChangePosition& after,
                                                     const std::string& project_id, int limit,
                                                     Deadline deadline) = 0;
  /// Up to `limit` links that are not in state kNone, beginning behind a user id.
  virtual absl::StatusOr<LinkSnapshotPage> ListConnectedLinks(const std::string& project_id,
                                                              const std::string& after_user_id,
                                                              int limit, Deadline deadline) = 0;
  /// Removes up to `limit` changes older than `retention`; answers how many.
  virtual absl::StatusOr<int> RemoveOld(std::chrono::milliseconds retention, int limit,
                                        Deadline deadline) = 0;
};

}  // namespace shodan::account_link
