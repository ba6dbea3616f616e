// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/fair_queue.h"

#include <algorithm>
#include <cmath>

namespace shodan::zoomapi {

FairQueue::Entry FairQueue::Enter(Ticket ticket, const std::string& user, Time deadline,
                                  Time first_turn, Clock::duration interval) {
  if (tickets_.size() >= bounds_.total) return Entry::kFull;
  const auto found = users_.find(user);
  if (found != users_.end() && found->second.tickets.size() >= bounds_.per_user) {
    return Entry::kUserFull;
  }
  if (TurnOf(user, first_turn, interval) > deadline) return Entry::kTooLate;
  User& entered = users_[user];
  if (entered.tickets.empty()) {
    // Whoever was away has saved up nothing, and still owes what was taken in advance.
    entered.next_turn = std::max(entered.next_turn, now_turn_);
    entered.order = ++entries_;
    turns_.emplace(Turn(entered.next_turn, entered.order), user);
  }
  entered.tickets.push_back(ticket);
  tickets_.emplace(ticket, Waiting{user, deadline});
  deadlines_.emplace(deadline, ticket);
  return Entry::kWaits;
}

bool FairQueue::Leave(Ticket ticket) {
  if (!tickets_.contains(ticket)) return false;
  Remove(ticket);
  return true;
}

std::optional<FairQueue::Ticket> FairQueue::Next() {
  if (turns_.empty()) return std::nullopt;
  const auto first = turns_.begin();
  User& user = users_.at(first->second);
  const std::string name = first->second;
  now_turn_ = std::max(now_turn_, user.next_turn);
  const Ticket ticket = user.tickets.front();
  turns_.erase(first);
  user.next_turn += user.places;
  user.order = ++entries_;
  turns_.emplace(Turn(user.next_turn, user.order), name);
  Remove(ticket);
  ForgetIdle();
  return ticket;
}

std::optional<FairQueue::Ticket> FairQueue::NextExpired(Time now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
  const Ticket ticket = deadlines_.begin()->second;
  Remove(ticket);
  return ticket;
}

std::optional<FairQueue::Time> FairQueue::EarliestDeadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

FairQueue::Time FairQueue::TurnOf(const std::string& user, Time first_turn,
                                  Clock::duration interval) const {
  const auto found = users_.find(user);
  double turn = now_turn_;
  size_t before = 0;
  if (found != users_.end()) {
    before = found->second.tickets.size();
    turn = std::max(turn, found->second.next_turn) +
           static_cast<double>(before) * found->second.places;
  }
  for (const auto& [when, name] : turns_) {
    if (when.first > turn) break;
    if (name == user) continue;
    const User& other = users_.at(name);
    const auto turns = static_cast<size_t>(std::floor((turn - when.first) / other.places)) + 1;
    before += std::min(other.tickets.size(), turns);
  }
  return first_turn + interval * static_cast<int64_t>(before);
}

void FairQueue::SetPlaces(const std::string& user, double places) {
  const auto found = users_.find(user);
  if (found != users_.end()) found->second.places = std::max(1.0, places);
}

std::vector<std::string> FairQueue::WaitingUsers() const {
  std::vector<std::string> names;
  names.reserve(turns_.size());
  for (const auto& [turn, name] : turns_) names.push_back(name);
  return names;
}

void FairQueue::Remove(Ticket ticket) {
  const auto found = tickets_.find(ticket);
  User& user = users_.at(found->second.user);
  user.tickets.erase(std::find(user.tickets.begin(), user.tickets.end(), ticket));
  if (user.tickets.empty()) turns_.erase(Turn(user.next_turn, user.order));
  deadlines_.erase({found->second.deadline, ticket});
  tickets_.erase(found);
}

// Users who do not wait are kept only while they owe turns.
void FairQueue::ForgetIdle() {
  if (users_.size() <= 2 * turns_.size() + 64) return;
  std::erase_if(users_, [this](const auto& entry) {
    return entry.second.tickets.empty() && entry.second.next_turn <= now_turn_;
  });
}

}  // namespace shodan::zoomapi
