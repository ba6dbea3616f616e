// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/rate_limit/rate_limiter.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace shodan::gateway {
namespace {

constexpr size_t kLocalBucketsMax = 20'000;

// Each bucket is a hash of tokens (t) and the time of the last filling in milliseconds (m), by
// Redis' own clock. KEYS are buckets, ARGV their capacities per minute. Answers 0, or how many
// milliseconds to wait; takes nothing unless every bucket has a token.
constexpr char kScript[] = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
local left = {}
for i, key in ipairs(KEYS) do
  local capacity = tonumber(ARGV[i])
  local state = redis.call('HMGET', key, 't', 'm')
  local tokens = tonumber(state[1]) or capacity
  local filled = tonumber(state[2]) or now
  tokens = math.min(capacity, tokens + math.max(0, now - filled) * capacity / 60000)
  left[i] = tokens
  if tokens < 1 then
    wait = math.max(wait, math.ceil((1 - tokens) * 60000 / capacity))
  end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 't', tostring(left[i] - 1), 'm', now)
  redis.call('PEXPIRE', key, 61000)
end
return 0
)lua";

}  // namespace

RateLimiter::RateLimiter(redis::Commands* redis, Metrics& metrics)
    : redis_(redis), metrics_(metrics), local_(kLocalBucketsMax) {}

RateDecision RateLimiter::TakeLocally(const std::vector<RateLimit>& limits) {
  metrics_.Count("shodan_gateway_rate_limit_fallbacks_total",
                 "Rate limit decisions made without Redis");
  const std::lock_guard lock(mutex_);
  return local_.Take(limits, std::chrono::steady_clock::now());
}

boost::asio::awaitable<RateDecision> RateLimiter::Take(std::vector<RateLimit> limits) {
  if (redis_ == nullptr) co_return TakeLocally(limits);
  // EVAL keeps its scripts compiled by their text; 700 bytes more on the wire save the second
  // round trip that EVALSHA needs after every restart of Redis.
  std::vector<std::string> arguments{"EVAL", kScript, std::to_string(limits.size())};
  for (const RateLimit& limit : limits) arguments.push_back("shodan:rate:" + limit.key);
  for (const RateLimit& limit : limits) arguments.push_back(std::to_string(limit.per_minute));
  auto operation = redis_->Execute(std::move(arguments), redis::kCommandTimeLimit);
  const absl::StatusOr<redis::Reply> reply = co_await std::move(operation);
  if (!reply.ok() || reply->type != redis::Reply::Type::kInteger) co_return TakeLocally(limits);
  RateDecision decision;
  decision.allowed = reply->integer == 0;
  decision.retry_after = std::chrono::milliseconds(reply->integer);
  co_return decision;
}

}  // namespace shodan::gateway
