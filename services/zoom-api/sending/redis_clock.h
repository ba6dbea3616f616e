// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace shodan::zoomapi {

/// Where Redis' clock stands on this process's: from answers, of which the fastest tell best. Not
/// thread-safe.
class RedisClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// An answer that arrived at `arrived` told `redis_now`, in microseconds.
  void Told(int64_t redis_now, Time arrived) {
    const int64_t sample = Microseconds(arrived) - redis_now;
    // Clocks drift apart by less than a thousandth; a larger difference is a clock that was set.
    const int64_t drift =
        offset_
            ? std::chrono::duration_cast<std::chrono::microseconds>(arrived - told_at_).count() /
                  1'000
            : 0;
    const bool set = !offset_ || sample - *offset_ > kSetMin;
    offset_ = set ? sample : std::min(sample, *offset_ + drift);
    told_at_ = arrived;
  }
  /// After Told(), as the next.
  int64_t Remote(Time local) const { return Microseconds(local) - offset_.value_or(0); }
  Time Local(int64_t redis_time) const {
    return Time(std::chrono::microseconds(redis_time + offset_.value_or(0)));
  }

 private:
  static constexpr int64_t kSetMin = 1'000'000;

  static int64_t Microseconds(Time time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  }

  std::optional<int64_t> offset_;
  Time told_at_;
};

}  // namespace shodan::zoomapi
