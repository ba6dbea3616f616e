// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace shodan::gateway {

/// One limit for one subject. A bucket holds at most `per_minute` tokens and fills evenly.
struct RateLimit {
  std::string key;  ///< names limit and subject; no user id or address in the clear
  int64_t per_minute = 0;
};

struct RateDecision {
  bool allowed = true;
  std::chrono::milliseconds retry_after{0};  ///< when refused
};

/// Token buckets in this process's memory: the stand-in when the shared ones cannot be asked. Pure;
/// not thread-safe.
class TokenBuckets {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit TokenBuckets(size_t buckets_max) : buckets_max_(buckets_max) {}

  /// Takes one token of every bucket, or none of any.
  RateDecision Take(const std::vector<RateLimit>& limits, TimePoint now);
  size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    TimePoint filled;
  };

  Bucket& BucketOf(const RateLimit& limit, TimePoint now);
  void DropFull(TimePoint now);

  const size_t buckets_max_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace shodan::gateway
