// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace shodan::zoomapi {

/// Who waits here for the requests of one account and category, and whose turn is next: users take
/// turns, however many requests each has. A user who also waits in other processes has turns there
/// too, and accordingly fewer here. Pure; not thread-safe.
class FairQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  using Ticket = uint64_t;

  struct Bounds {
    size_t per_user = 100;
    size_t total = 2'000;
  };
  enum class Entry {
    kWaits,
    kUserFull,  ///< the user has as many requests waiting as a user may
    kFull,
    kTooLate  ///< its turn would come after its deadline
  };

  explicit FairQueue(Bounds bounds) : bounds_(bounds) {}

  /// `first_turn` is when the next request of all may go, `interval` the time between two. `ticket`
  /// is new.
  Entry Enter(Ticket ticket, const std::string& user, Time deadline, Time first_turn,
              Clock::duration interval);
  /// False when it does not wait any more.
  bool Leave(Ticket ticket);
  /// Takes out the request whose turn it is.
  std::optional<Ticket> Next();
  /// Takes out one whose deadline has passed.
  std::optional<Ticket> NextExpired(Time now);
  /// The earliest deadline of all that wait.
  std::optional<Time> EarliestDeadline() const;
  /// When a further request of the user would have its turn.
  Time TurnOf(const std::string& user, Time first_turn, Clock::duration interval) const;

  /// In how many processes the user waits, this one included; at least 1. For users who wait here.
  void SetPlaces(const std::string& user, double places);
  std::vector<std::string> WaitingUsers() const;
  size_t users() const { return turns_.size(); }
  size_t waiting() const { return tickets_.size(); }

 private:
  // A user's turn comes at this point of virtual time, in which every user has one turn a unit.
  using Turn = std::pair<double, uint64_t>;
  struct User {
    std::deque<Ticket> tickets;  ///< in the order of their coming
    double next_turn = 0;
    uint64_t order = 0;  ///< among equals
    double places = 1;
  };
  struct Waiting {
    std::string user;
    Time deadline;
  };

  void Remove(Ticket ticket);
  void ForgetIdle();

  const Bounds bounds_;
  std::unordered_map<std::string, User> users_;
  std::map<Turn, std::string> turns_;  ///< of users with requests
  std::unordered_map<Ticket, Waiting> tickets_;
  std::set<std::pair<Time, Ticket>> deadlines_;
  double now_turn_ = 0;
  uint64_t entries_ = 0;
};

}  // namespace shodan::zoomapi
