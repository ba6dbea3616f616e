// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_feed.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {

LinkFeed::Found LinkFeed::Next(const std::string& project_id, uint64_t term,
                               ChangePosition& position, LinkChange& change) const {
  const std::scoped_lock lock(mutex_);
  if (!following_) return Found::kNothing;
  if (term != term_ || position.change_id < base_.change_id) return Found::kBehind;
  auto next = std::upper_bound(
      held_.begin(), held_.end(), position.change_id,
      [](int64_t id, const LinkChange& candidate) { return id < candidate.change_id; });
  next = std::find_if(next, held_.end(), [&](const LinkChange& candidate) {
    return candidate.owner.project_id == project_id;
  });
  if (next != held_.end()) {
    change = *next;
    position = {change.change_id, change.change_time};
    return Found::kChange;
  }
  // The database may have been read further than the feed.
  if (position.change_id < head_.change_id) position = head_;
  return Found::kNothing;
}

uint64_t LinkFeed::term() const {
  const std::scoped_lock lock(mutex_);
  return term_;
}

absl::StatusOr<bool> LinkFeed::Poll(Deadline deadline) {
  ChangePosition after;
  bool following = false;
  {
    const std::scoped_lock lock(mutex_);
    after = head_;
    following = following_;
  }
  if (!following) {
    SHODAN_ASSIGN_OR_RETURN(const ChangePosition newest, changes_.Newest(deadline));
    const std::scoped_lock lock(mutex_);
    BeginAnew();
    following_ = true;
    base_ = head_ = newest;
    return true;
  }
  SHODAN_ASSIGN_OR_RETURN(LinkChangePage page,
                          changes_.ListChanges(after, "", kMaxPolledChanges, deadline));
  const std::scoped_lock lock(mutex_);
  if (!page.known) {
    // The watchers find out by themselves whether their own positions are known.
    BeginAnew();
    return true;
  }
  const bool news = !page.changes.empty();
  for (LinkChange& change : page.changes) held_.push_back(std::move(change));
  head_ = page.next;
  while (held_.size() > capacity_) {
    base_ = {held_.front().change_id, held_.front().change_time};
    held_.pop_front();
  }
  return news;
}

void LinkFeed::Rest() {
  const std::scoped_lock lock(mutex_);
  if (following_) BeginAnew();
}

void LinkFeed::BeginAnew() {
  ++term_;
  following_ = false;
  held_.clear();
}

}  // namespace shodan::account_link
