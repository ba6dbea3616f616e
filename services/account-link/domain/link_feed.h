// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/account-link/domain/link_change_store.h"

namespace shodan::account_link {

/// The latest changes of all links, read from the database once for all watchers of this replica.
/// Holds a bounded number; who is further behind reads the database himself. Thread-safe.
class LinkFeed {
 public:
  LinkFeed(LinkChangeStore& changes, size_t capacity) : changes_(changes), capacity_(capacity) {}

  enum class Found {
    kChange,   ///< `change` is the next one; the position is behind it
    kNothing,  ///< nothing of the project; the position is behind everything looked at
    kBehind,   ///< what follows the position is not held: it must be read from the database
  };
  /// Looks for the next change of a project behind a position that was read from the database in
  /// this term or is the feed's own.
  Found Next(const std::string& project_id, uint64_t term, ChangePosition& position,
             LinkChange& change) const;
  /// Counts how often the feed began anew. Ask before reading the database.
  uint64_t term() const;

  /// Reads what is new; answers whether anything is. One thread at a time.
  absl::StatusOr<bool> Poll(Deadline deadline);
  /// Nobody watches: forgets everything, so that the next Poll() begins with the newest change.
  void Rest();

 private:
  void BeginAnew();

  LinkChangeStore& changes_;
  const size_t capacity_;
  mutable std::mutex mutex_;  // guards the rest; never held during a read of the database
  bool following_ = false;
  uint64_t term_ = 0;
  ChangePosition base_;  // behind the change that was dropped last
  ChangePosition head_;  // behind the last change held
  std::deque<LinkChange> held_;
};

}  // namespace shodan::account_link
