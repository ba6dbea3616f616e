// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/grant_events.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "services/account-link/domain/audit_entry.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

using Links = std::map<UserKey, Link>;

// Locked in the order of their keys, as every transaction does, so that two never wait for each
// other.
absl::StatusOr<Links> LockLinksOf(const std::vector<GrantEvent>& events, int64_t after,
                                  LinkTransaction& transaction) {
  std::map<UserKey, std::string> link_ids;
  for (const GrantEvent& event : events) {
    if (event.event_id > after) link_ids.emplace(event.owner, event.link_id);
  }
  Links links;
  for (const auto& [owner, link_id] : link_ids) {
    SHODAN_ASSIGN_OR_RETURN(LockedLink locked, transaction.LockOrCreateLink(owner, link_id));
    links.emplace(owner, std::move(locked.link));
  }
  return links;
}

absl::Status ApplyPage(const std::vector<GrantEvent>& events, int64_t after,
                       LinkTransaction& transaction, GrantEventFeed::Progress& progress) {
  SHODAN_ASSIGN_OR_RETURN(Links links, LockLinksOf(events, after, transaction));
  std::map<UserKey, bool> touched;
  for (const GrantEvent& event : events) {
    if (event.event_id <= after) continue;
    Link& link = links.at(event.owner);
    if (link.link_id != event.link_id) {
      ++progress.mismatched;
      continue;
    }
    const Link before = link;
    if (!ApplyEvent(link, event)) continue;
    ++progress.applied;
    touched[event.owner] = true;
    if (ShowsAnotherState(before, link)) {
      SHODAN_RETURN_IF_ERROR(transaction.AppendAudit(AuditOf(link, VaultActor())));
    }
  }
  for (const auto& [owner, unused] : touched) {
    SHODAN_RETURN_IF_ERROR(transaction.SaveLink(links.at(owner)));
  }
  return transaction.AdvanceCursor(events.back().event_id);
}

}  // namespace

absl::StatusOr<GrantEventFeed::Progress> GrantEventFeed::Pull(Busy busy, const CallScope& scope) {
  Progress total;
  for (int page = 0; page < kMaxEventPages; ++page) {
    SHODAN_ASSIGN_OR_RETURN(const int64_t position, links_.Cursor(scope.deadline));
    SHODAN_ASSIGN_OR_RETURN(const std::vector<GrantEvent> events,
                            vault_.ListGrantEvents(position, kEventPageSize, scope));
    if (events.empty()) break;
    Progress applied;
    bool left_to_another = false;
    SHODAN_RETURN_IF_ERROR(links_.Transact(scope.deadline, [&](LinkTransaction& transaction) {
      applied = {};
      left_to_another = false;
      auto locked = transaction.LockCursor(busy == Busy::kWait);
      if (!locked.ok()) return locked.status();
      left_to_another = !locked->has_value();
      if (left_to_another || **locked >= events.back().event_id) return absl::OkStatus();
      return ApplyPage(events, **locked, transaction, applied);
    }));
    total.applied += applied.applied;
    total.mismatched += applied.mismatched;
    if (left_to_another || events.size() < static_cast<size_t>(kEventPageSize)) break;
  }
  return total;
}

}  // namespace shodan::account_link
