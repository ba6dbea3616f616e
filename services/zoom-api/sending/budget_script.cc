// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/budget_script.h"

#include <algorithm>
#include <cstdlib>

namespace shodan::zoomapi {
namespace {

// KEYS[1] is a hash: `next`, the first slot that nobody has; `blocked`, the end of a pause; and of
// each replica that asked lately, packed under its name: `served`, the slots its users have had
// each, in comparison with the others' (start-time fair queueing, with the number of users as
// weight); `seen`; `hungry`, until when it counts as one that got less than it wanted; its users.
// KEYS[2] is a hash with the day since 1970 and the slots of that day. KEYS[3] is a sorted set of
// the slots that Zoom may count in one window with the next one, by the time until which it may.
//
// Slots that would be lost soon go to whoever asks: a replica that does not come back must not cost
// the others anything.
constexpr char kReserve[] = R"lua(
local me = 'r:' .. ARGV[1]
local spacing, ahead, lead = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wanted, users, sample = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local per_day, known = tonumber(ARGV[8]), tonumber(ARGV[9])
local limit, hold = tonumber(ARGV[10]), tonumber(ARGV[11])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

for i = 12, #ARGV, 2 do
  if ARGV[i + 1] == '0' then redis.call('ZREM', KEYS[3], ARGV[i])
  else redis.call('ZADD', KEYS[3], 'XX', ARGV[i + 1], ARGV[i]) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)

local next_slot, blocked, own, others = 0, 0, nil, {}
local state = redis.call('HGETALL', KEYS[1])
for i = 1, #state, 2 do
  local name, value = state[i], state[i + 1]
  if name == 'next' then next_slot = tonumber(value)
  elseif name == 'blocked' then blocked = tonumber(value)
  else
    local replica = cmsgpack.unpack(value)
    if replica.seen < now - 2000000 or replica.seen > now then redis.call('HDEL', KEYS[1], name)
    elseif name == me then own = replica
    else others[#others + 1] = replica end
  end
end
if blocked > now then return {now, 1, blocked - now, '1', ''} end

local left, today, used = wanted, math.floor(now / 86400000000), 0
if per_day > 0 then
  local counted = redis.call('HMGET', KEYS[2], 'day', 'used')
  if tonumber(counted[1]) == today then used = tonumber(counted[2]) end
  left = math.min(wanted, per_day - used)
  if left <= 0 then return {now, 2, (today + 1) * 86400000000 - now, '1', ''} end
end

-- A user who waits at several replicas counts as one in all.
local places = {}
local function count(list)
  for i = 1, #list, 8 do
    local user = list:sub(i, i + 7)
    places[user] = (places[user] or 0) + 1
  end
end
local function weight(number, list)
  if #list == 0 then return number end
  local sum = 0
  for i = 1, #list, 8 do sum = sum + 1 / places[list:sub(i, i + 7)] end
  return sum * number * 8 / #list
end
count(sample)
for _, other in ipairs(others) do count(other.sample) end
local mine = weight(users, sample)
local total, least, most = mine, nil, 0
for _, other in ipairs(others) do
  total = total + weight(other.users, other.sample)
  if other.hungry >= now then least = math.min(least or other.served, other.served) end
  most = math.max(most, other.served)
end
-- Nothing is saved up while one wants nothing.
local served = own and own.served or nil
if not (own and own.hungry >= now) then
  if least then served = math.max(served or least, least) else served = served or most end
end

-- A schedule that was lost, and one beyond reach because the clock was set back.
local reach = now + 2 * (ahead + spacing)
if known > reach or known < now - 60000000 then known = 0 end
if next_slot == 0 and known > 0 then known = math.max(known, now + ahead) end
if next_slot > reach then next_slot = 0 end
local slot = math.max(next_slot, known, now + lead)

local slack = 1 / mine + ahead / (4 * spacing * total)
local slots, held, horizon, at, full = {}, redis.call('ZCARD', KEYS[3]), now + ahead + lead, slot, false
while #slots < left do
  at = slot
  local over = held + #slots - limit
  if over >= 0 then
    local freed = redis.call('ZRANGE', KEYS[3], over, over, 'WITHSCORES')[2]
    at = math.max(at, tonumber(freed or horizon))
    full = at > slot
  end
  if at >= horizon then break end
  local lost_soon = at <= now + lead + 10000
  if least and served > least + slack and not lost_soon then break end
  slots[#slots + 1] = math.ceil(at)
  slot = at + spacing
  served = served + 1 / mine
end

local wait, hungry = 0, 0
if #slots < left then
  wait = spacing
  -- What is held may be free as soon as somebody reports.
  if at >= horizon and not full then wait = at - horizon end
  wait = math.max(math.min(wait, 250000), math.min(ahead / 4, 25000))
  hungry = now + 2 * wait + 50000
end
if #slots > 0 then
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', slot))
  local holds = {}
  for i, taken in ipairs(slots) do
    holds[2 * i - 1] = string.format('%.0f', taken + hold)
    holds[2 * i] = string.format('%.0f', taken)
  end
  redis.call('ZADD', KEYS[3], unpack(holds))
  redis.call('PEXPIRE', KEYS[3], 60000 + math.ceil(hold / 1000))
  if per_day > 0 then
    redis.call('HSET', KEYS[2], 'day', today, 'used', used + #slots)
    redis.call('PEXPIRE', KEYS[2], 90000000)
  end
end
redis.call('HSET', KEYS[1], me, cmsgpack.pack(
  {served = served, seen = now, hungry = hungry, users = users, sample = sample}))
redis.call('PEXPIRE', KEYS[1], 60000 + math.ceil(2 * (ahead + spacing) / 1000))

local shared = {}
for i = 1, #sample, 8 do
  shared[#shared + 1] = string.char(math.min(places[sample:sub(i, i + 7)], 255))
end
local answer = {now, 0, math.ceil(wait), string.format('%.6f', mine / total), table.concat(shared)}
for _, taken in ipairs(slots) do answer[#answer + 1] = taken end
return answer
)lua";

constexpr char kPause[] = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local blocked = tonumber(redis.call('HGET', KEYS[1], 'blocked') or '0')
local till = math.max(blocked, now + ARGV[1] * 1000)
redis.call('HSET', KEYS[1], 'blocked', string.format('%.0f', till))
redis.call('PEXPIRE', KEYS[1], math.ceil((till - now) / 1000) + 60000)
return 0
)lua";

constexpr size_t kFieldsBeforeSlots = 5;

}  // namespace

ScriptCall ReserveSlots(const ReserveRequest& request) {
  ScriptCall call{kReserve,
                  {"3", request.budget_key, request.daily_key, request.holds_key, request.replica,
                   std::to_string(request.spacing.count()), std::to_string(request.ahead.count()),
                   std::to_string(request.lead.count()), std::to_string(request.wanted),
                   std::to_string(request.users), request.sample, std::to_string(request.per_day),
                   std::to_string(request.known), std::to_string(request.limit),
                   std::to_string(request.hold.count())}};
  for (const SlotHolds::Report& report : request.reports) {
    call.arguments.push_back(std::to_string(report.slot));
    call.arguments.push_back(std::to_string(report.held_until));
  }
  return call;
}

std::optional<Reservation> ParseReservation(const redis::Reply& reply) {
  using Type = redis::Reply::Type;
  const std::vector<redis::Reply>& fields = reply.elements;
  if (reply.type != Type::kArray || fields.size() < kFieldsBeforeSlots) return std::nullopt;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Type expected = i == 3 || i == 4 ? Type::kString : Type::kInteger;
    if (fields[i].type != expected) return std::nullopt;
  }
  Reservation made;
  made.now = fields[0].integer;
  if (fields[1].integer < 0 || fields[1].integer > 2) return std::nullopt;
  made.kind = static_cast<Reservation::Kind>(fields[1].integer);
  made.ask_again = std::chrono::microseconds(fields[2].integer);
  made.share = std::clamp(std::strtod(fields[3].text.c_str(), nullptr), 0.000'001, 1.0);
  made.places = fields[4].text;
  for (size_t i = kFieldsBeforeSlots; i < fields.size(); ++i) {
    made.slots.push_back(fields[i].integer);
  }
  return made;
}

ScriptCall PauseBudget(const std::string& budget_key, std::chrono::milliseconds pause) {
  return {kPause, {"1", budget_key, std::to_string(pause.count())}};
}

}  // namespace shodan::zoomapi
