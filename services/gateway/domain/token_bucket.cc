// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/domain/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace shodan::gateway {
namespace {

constexpr double kMillisecondsPerMinute = 60'000;

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

// A bucket untouched for a minute is full again, so forgetting it changes nothing.
void TokenBuckets::DropFull(TimePoint now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return now - entry.second.filled >= std::chrono::minutes(1);
  });
  if (buckets_.size() >= buckets_max_) buckets_.clear();
}

TokenBuckets::Bucket& TokenBuckets::BucketOf(const RateLimit& limit, TimePoint now) {
  const auto capacity = static_cast<double>(limit.per_minute);
  const auto [position, inserted] = buckets_.try_emplace(limit.key, Bucket{capacity, now});
  Bucket& bucket = position->second;
  const double gained = Milliseconds(now - bucket.filled) * capacity / kMillisecondsPerMinute;
  bucket.tokens = std::min(capacity, bucket.tokens + std::max(0.0, gained));
  bucket.filled = std::max(bucket.filled, now);
  return bucket;
}

RateDecision TokenBuckets::Take(const std::vector<RateLimit>& limits, TimePoint now) {
  if (buckets_.size() + limits.size() > buckets_max_) DropFull(now);
  RateDecision decision;
  for (const RateLimit& limit : limits) {
    const Bucket& bucket = BucketOf(limit, now);
    if (bucket.tokens >= 1) continue;
    const double wait = (1 - bucket.tokens) * kMillisecondsPerMinute /
                        static_cast<double>(std::max<int64_t>(1, limit.per_minute));
    decision.allowed = false;
    decision.retry_after = std::max(
        decision.retry_after, std::chrono::milliseconds(static_cast<int64_t>(std::ceil(wait))));
  }
  if (!decision.allowed) return decision;
  for (const RateLimit& limit : limits) buckets_.at(limit.key).tokens -= 1;
  return decision;
}

}  // namespace shodan::gateway
