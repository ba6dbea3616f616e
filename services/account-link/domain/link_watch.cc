// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link_watch.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

LinkEvent EventOf(LinkChange change) {
  LinkEvent event;
  event.kind = LinkEventKind::kChange;
  event.resume = ChangePosition{change.change_id, change.change_time};
  event.link = std::move(change);
  return event;
}

}  // namespace

LinkWatch::Next LinkWatch::Take(LinkEvent& event) {
  if (!queue_.empty()) {
    event = std::move(queue_.front());
    queue_.pop_front();
    return Next::kEvent;
  }
  const bool followed = term_.has_value() && position_.has_value();
  if (!checked_ || snapshot_ || !followed) return Next::kLoad;
  LinkChange change;
  while (true) {
    switch (sources_.feed.Next(project_id_, *term_, *position_, change)) {
      case LinkFeed::Found::kBehind:
        return Next::kLoad;
      case LinkFeed::Found::kNothing:
        return Next::kWait;
      case LinkFeed::Found::kChange:
        if (WasShown(change)) break;
        event = EventOf(std::move(change));
        return Next::kEvent;
    }
  }
}

absl::Status LinkWatch::Load(Deadline deadline) {
  if (!checked_) {
    SHODAN_ASSIGN_OR_RETURN(const std::optional<Project> project,
                            sources_.projects.Find(project_id_, deadline));
    if (!project.has_value()) return ProjectNotFound();
    checked_ = true;
    if (!position_.has_value()) {
      // What is changed while the snapshot is read is told after it.
      SHODAN_ASSIGN_OR_RETURN(position_, sources_.changes.Newest(deadline));
      snapshot_ = true;
    }
  }
  return snapshot_ ? LoadSnapshot(deadline) : LoadChanges(deadline);
}

LinkEvent LinkWatch::Heartbeat() const {
  LinkEvent event;
  event.kind = LinkEventKind::kHeartbeat;
  event.resume = position_;
  return event;
}

absl::Status LinkWatch::LoadSnapshot(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      LinkSnapshotPage page,
      sources_.changes.ListConnectedLinks(project_id_, last_user_id_, kWatchPageSize, deadline));
  const bool last = page.links.size() < static_cast<size_t>(kWatchPageSize);
  if (!page.links.empty()) last_user_id_ = page.links.back().owner.user_id;
  // Changes are rare: nearly all pages show the same position.
  if (shown_.empty() || shown_.back().change_id != page.position.change_id) {
    shown_.push_back({.last_user_id = {}, .change_id = page.position.change_id});
  }
  shown_.back().last_user_id = last ? std::nullopt : std::optional(last_user_id_);
  for (LinkChange& link : page.links) {
    LinkEvent event;
    event.kind = LinkEventKind::kSnapshot;
    event.link = std::move(link);
    queue_.push_back(std::move(event));
  }
  if (!last) return absl::OkStatus();
  snapshot_ = false;
  LinkEvent end;
  end.kind = LinkEventKind::kSnapshotEnd;
  end.resume = position_;
  queue_.push_back(std::move(end));
  return absl::OkStatus();
}

absl::Status LinkWatch::LoadChanges(Deadline deadline) {
  const uint64_t term = sources_.feed.term();
  const ChangePosition after = position_.value_or(ChangePosition());
  SHODAN_ASSIGN_OR_RETURN(LinkChangePage page, sources_.changes.ListChanges(
                                                   after, project_id_, kWatchPageSize, deadline));
  if (!page.known) return ResumeTokenExpired();
  for (LinkChange& change : page.changes) {
    if (!WasShown(change)) queue_.push_back(EventOf(std::move(change)));
  }
  position_ = page.next;
  term_ = term;
  return absl::OkStatus();
}

// The snapshot is read page by page, each a little later than the one before. A change that a page
// showed already must not be told after it: the link would seem to go back.
bool LinkWatch::WasShown(const LinkChange& change) {
  if (shown_.empty()) return false;
  if (change.change_id > shown_.back().change_id) {
    shown_.clear();
    return false;
  }
  const auto page = std::find_if(shown_.begin(), shown_.end(), [&](const Shown& shown) {
    return !shown.last_user_id.has_value() || change.owner.user_id <= *shown.last_user_id;
  });
  return page != shown_.end() && change.change_id <= page->change_id;
}

}  // namespace shodan::account_link
