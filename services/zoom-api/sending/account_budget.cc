// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/account_budget.h"

#include <algorithm>

namespace shodan::zoomapi {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kAhead{100'000};
constexpr int64_t kWantedMax = 64;
constexpr std::chrono::hours kDay{24};
constexpr double kSmoothing = 0.875;

}  // namespace

FairQueue::Entry AccountBudget::Enter(Ticket ticket, const std::string& user, Time now,
                                      Time deadline) {
  return queue_.Enter(ticket, user, deadline, FirstTurn(now), interval_);
}

milliseconds AccountBudget::WaitOf(const std::string& user, Time now) const {
  const auto wait = queue_.TurnOf(user, FirstTurn(now), interval_) - now;
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(wait));
}

AccountBudget::Due AccountBudget::TakeDue(Time now) {
  Due due;
  const Time hopeless = std::max(now, paused_until_);
  while (const auto ticket = queue_.NextExpired(hopeless)) due.expired.push_back(*ticket);
  while (!slots_.empty() && slots_.front().at + settings_.pace.tolerance < now) {
    due.lost.push_back(slots_.front().id);
    slots_.pop_front();
  }
  while (!slots_.empty() && slots_.front().at <= now && queue_.waiting() > 0) {
    due.go.push_back({*queue_.Next(), slots_.front().id});
    slots_.pop_front();
  }
  return due;
}

int64_t AccountBudget::Wanted(Time now) const {
  if (asking_ || now < ask_again_ || now < paused_until_) return 0;
  if (queue_.waiting() <= slots_.size()) return 0;
  return std::min(kWantedMax, static_cast<int64_t>(queue_.waiting() - slots_.size()));
}

void AccountBudget::Reserved(const std::vector<Slot>& slots, Time ask_again, double share) {
  asking_ = false;
  ask_again_ = ask_again;
  // Smoothed: one answer while users come and go must not have requests refused.
  const std::chrono::duration<double, std::nano> spacing = settings_.pace.spacing;
  interval_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
      interval_ * kSmoothing + spacing / share * (1 - kSmoothing));
  for (const Slot& slot : slots) {
    if (slot.at >= paused_until_) slots_.push_back(slot);
    last_slot_ = std::max(last_slot_, slot.at);
  }
}

void AccountBudget::ReserveAlone(Time now) {
  asking_ = false;
  const microseconds spacing = settings_.pace.spacing * settings_.replicas_expected;
  const microseconds horizon = std::max(kAhead, spacing);
  interval_ = spacing;
  ask_again_ = now + kAhead / 4;
  const int64_t per_day = settings_.pace.per_day / settings_.replicas_expected;
  if (day_began_ == Time::min() || now - day_began_ >= kDay) {
    day_began_ = now;
    alone_today_ = 0;
  }
  Time slot = last_slot_ == Time::min() ? now : std::max(now, last_slot_ + spacing);
  while (slots_.size() < queue_.waiting() && slot < now + horizon) {
    if (settings_.pace.per_day > 0 && alone_today_ >= per_day) return;
    slots_.push_back({slot});
    last_slot_ = slot;
    slot += spacing;
    ++alone_today_;
  }
}

void AccountBudget::Pause(Time until) {
  paused_until_ = std::max(paused_until_, until);
  while (!slots_.empty() && slots_.front().at < paused_until_) slots_.pop_front();
}

AccountBudget::Time AccountBudget::NextWake(Time now) const {
  if (queue_.waiting() == 0) return Time::max();
  Time wake = queue_.EarliestDeadline().value_or(Time::max());
  if (!slots_.empty()) wake = std::min(wake, slots_.front().at);
  if (!asking_ && queue_.waiting() > slots_.size()) {
    wake = std::min(wake, std::max({now, ask_again_, paused_until_}));
  }
  return wake;
}

microseconds AccountBudget::ahead() const { return std::max(kAhead, settings_.pace.spacing); }

AccountBudget::Time AccountBudget::FirstTurn(Time now) const {
  return std::max(now, paused_until_);
}

}  // namespace shodan::zoomapi
