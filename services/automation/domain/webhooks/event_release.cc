// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/event_release.h"

#include <string>
#include <vector>

#include "libs/base/status.h"

namespace shodan::automation {
namespace {

constexpr int kLinksPerRun = 200;
constexpr int kEventsPerLink = 500;
constexpr int kGrantEventPage = 500;
constexpr int kGrantEventPages = 20;

}  // namespace

absl::StatusOr<int> ReleaseDueEvents(WebhookStore& store, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const std::vector<std::string> links,
                          store.ListDueLinks(kLinksPerRun, deadline));
  int total = 0;
  for (const std::string& link_id : links) {
    SHODAN_ASSIGN_OR_RETURN(const int released, store.Release(link_id, kEventsPerLink, deadline));
    total += released;
  }
  return total;
}

absl::StatusOr<int> EraseEndedLives(Vault& vault, WebhookStore& store, Deadline deadline) {
  int total = 0;
  for (int page = 0; page < kGrantEventPages; ++page) {
    SHODAN_ASSIGN_OR_RETURN(const int64_t position, store.GrantPosition(deadline));
    SHODAN_ASSIGN_OR_RETURN(const std::vector<GrantEvent> events,
                            vault.ListGrantEvents(position, kGrantEventPage, deadline));
    if (events.empty()) break;
    SHODAN_ASSIGN_OR_RETURN(const int erased, store.ApplyGrantEvents(events, deadline));
    total += erased;
    if (events.size() < static_cast<size_t>(kGrantEventPage)) break;
  }
  return total;
}

}  // namespace shodan::automation
