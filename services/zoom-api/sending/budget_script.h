// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/redis/reply.h"
#include "services/zoom-api/domain/slot_holds.h"

namespace shodan::zoomapi {

/// A Lua script that Redis runs as one step, with the arguments behind EVALSHA and its hash.
struct ScriptCall {
  std::string_view script;
  std::vector<std::string> arguments;
};

/// What a replica asks for. Times are of Redis' clock, in microseconds.
struct ReserveRequest {
  std::string budget_key;
  std::string daily_key;
  std::string holds_key;
  std::string replica;
  std::chrono::microseconds spacing{};
  std::chrono::microseconds ahead{};  ///< no slot further away than this
  std::chrono::microseconds lead{};   ///< nor nearer: the way back takes so long
  int64_t wanted = 0;
  int64_t users = 0;    ///< who wait at this replica
  std::string sample;   ///< of those users, 8 bytes each; the same ones at every replica
  int64_t per_day = 0;  ///< 0: as many as one likes
  int64_t known = 0;    ///< the slot after the last one that this replica got; 0: none
  int64_t limit = 0;    ///< as many slots are held at a time, and no more
  std::chrono::microseconds hold{};  ///< of a slot of which nothing is reported
  std::vector<SlotHolds::Report> reports;
};

struct Reservation {
  enum class Kind { kSlots, kPaused, kDayUsedUp };
  Kind kind = Kind::kSlots;
  int64_t now = 0;                        ///< Redis' clock, microseconds
  std::chrono::microseconds ask_again{};  ///< not before; the end of the pause or day
  double share = 1;                       ///< of the budget, for this replica's users
  std::string places;                     ///< at how many replicas each of `sample` waits
  std::vector<int64_t> slots;             ///< Redis' clock, microseconds
};

/// Slots of the budget's schedule, given to the replica whose users have had the fewest. Slots are
/// `spacing` apart or more, whoever gets them, at no slot more than `limit` are held, itself
/// included, and the schedule never runs ahead of `ahead`.
ScriptCall ReserveSlots(const ReserveRequest& request);
/// nullopt when it is no answer of that script.
std::optional<Reservation> ParseReservation(const redis::Reply& reply);

/// No slot for anybody until `pause` is over; a longer pause stays.
ScriptCall PauseBudget(const std::string& budget_key, std::chrono::milliseconds pause);

}  // namespace shodan::zoomapi
