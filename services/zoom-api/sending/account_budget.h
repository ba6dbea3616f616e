// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "services/zoom-api/domain/fair_queue.h"
#include "services/zoom-api/domain/rate_limits.h"

namespace shodan::zoomapi {

/// One replica's part in the budget of an account and category: who waits, the slots reserved for
/// it, and when to ask for more. A slot belongs to the replica, not to a request. Without I/O or a
/// clock; not thread-safe.
class AccountBudget {
 public:
  using Time = FairQueue::Time;
  using Ticket = FairQueue::Ticket;

  struct Settings {
    Pace pace;
    int replicas_expected = 1;
    FairQueue::Bounds bounds;
  };
  struct Slot {
    Time at;
    int64_t id = 0;  ///< in the shared schedule; 0: reserved without it
  };
  struct Turn {
    Ticket ticket = 0;
    int64_t slot = 0;

    bool operator==(const Turn&) const = default;
  };
  struct Due {
    std::vector<Turn> go;         ///< in their order
    std::vector<Ticket> expired;  ///< whose deadlines passed, or will before a pause ends
    std::vector<int64_t> lost;    ///< slots which nobody used in time
  };

  explicit AccountBudget(const Settings& settings)
      : settings_(settings), queue_(settings.bounds), interval_(settings.pace.spacing) {}

  FairQueue::Entry Enter(Ticket ticket, const std::string& user, Time now, Time deadline);
  bool Leave(Ticket ticket) { return queue_.Leave(ticket); }
  /// How long until a further request of the user would have its turn.
  std::chrono::milliseconds WaitOf(const std::string& user, Time now) const;
  Due TakeDue(Time now);

  /// How many slots to ask for at this moment; 0 when there is nothing to ask, or not yet.
  int64_t Wanted(Time now) const;
  /// Between this and the next of the three below, nothing more is wanted.
  void Asked() { asking_ = true; }
  /// The shared schedule's answer.
  void Reserved(const std::vector<Slot>& slots, Time ask_again, double share);
  /// The shared schedule cannot be asked: slots from this replica's part of the limit.
  void ReserveAlone(Time now);
  /// Nobody goes before; slots that lie before are given up.
  void Pause(Time until);

  /// When to call TakeDue() or ask again; nobody waits when it is Time::max().
  Time NextWake(Time now) const;
  /// Slots are reserved no further ahead than this.
  std::chrono::microseconds ahead() const;
  const Pace& pace() const { return settings_.pace; }
  FairQueue& queue() { return queue_; }
  bool asking() const { return asking_; }
  Time paused_until() const { return paused_until_; }

 private:
  Time FirstTurn(Time now) const;

  const Settings settings_;
  FairQueue queue_;
  std::deque<Slot> slots_;
  Time paused_until_ = Time::min();
  Time ask_again_ = Time::min();
  std::chrono::nanoseconds interval_;  ///< between two slots of this replica, at its present share
  bool asking_ = false;
  Time last_slot_ = Time::min();
  Time day_began_ = Time::min();  ///< of the slots that were reserved alone
  int64_t alone_today_ = 0;
};

}  // namespace shodan::zoomapi
