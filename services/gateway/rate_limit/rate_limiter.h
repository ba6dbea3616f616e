// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "libs/observability/metrics.h"
#include "libs/redis/client.h"
#include "services/gateway/domain/token_bucket.h"

namespace shodan::gateway {

/// Takes tokens from buckets that all replicas share in Redis, in one atomic script. When Redis is
/// slow or gone the buckets of this process decide instead: a request never waits for Redis longer
/// than 50 ms and never fails because of it. Thread-safe.
class RateLimiter {
 public:
  /// Redis and metrics outlive the limiter; `redis` may be null.
  RateLimiter(redis::Commands* redis, Metrics& metrics);

  boost::asio::awaitable<RateDecision> Take(std::vector<RateLimit> limits);

 private:
  RateDecision TakeLocally(const std::vector<RateLimit>& limits);

  redis::Commands* redis_;
  Metrics& metrics_;
  std::mutex mutex_;
  TokenBuckets local_;
};

}  // namespace shodan::gateway
