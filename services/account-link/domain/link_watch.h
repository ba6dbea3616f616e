// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link_feed.h"
#include "services/account-link/domain/project_store.h"

namespace shodan::account_link {

/// One watcher's way through the changes of a project: every connected link first, unless he
/// resumes, then each change since, in order, none left out. Holds a page of events at most. Not
/// thread-safe: one call at a time.
class LinkWatch {
 public:
  struct Sources {
    ProjectStore& projects;
    LinkChangeStore& changes;
    const LinkFeed& feed;
  };
  /// `resume`: behind what the watcher has; nullopt: begin with a snapshot.
  LinkWatch(Sources sources, std::string project_id, std::optional<ChangePosition> resume)
      : sources_(sources), project_id_(std::move(project_id)), position_(resume) {}

  enum class Next { kEvent, kLoad, kWait };
  /// The next event, or what it takes: Load(), or a change that is still to come.
  Next Take(LinkEvent& event);
  /// Reads the database. NOT_FOUND/PROJECT_NOT_FOUND, FAILED_PRECONDITION/RESUME_TOKEN_EXPIRED;
  /// errors of the stores pass through.
  absl::Status Load(Deadline deadline);
  /// Right after Take() answered kWait: says where to go on.
  LinkEvent Heartbeat() const;

 private:
  // Users up to this one were shown as they were after the change with this id.
  struct Shown {
    std::optional<std::string> last_user_id;  // nullopt: all that are left
    int64_t change_id = 0;
  };

  absl::Status LoadSnapshot(Deadline deadline);
  absl::Status LoadChanges(Deadline deadline);
  bool WasShown(const LinkChange& change);

  Sources sources_;
  const std::string project_id_;
  bool checked_ = false;   // the project exists
  bool snapshot_ = false;  // the snapshot is being told
  std::string last_user_id_;
  std::vector<Shown> shown_;  // in the order of the user ids
  /// Behind what was queued; during a snapshot, where it began.
  std::optional<ChangePosition> position_;
  std::optional<uint64_t> term_;  // of the feed when position_ was last found in the database
  std::deque<LinkEvent> queue_;
};

}  // namespace shodan::account_link
