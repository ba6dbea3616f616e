// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace shodan {

/// An absolute point on the monotonic clock by which work must end. Set once at the edge and handed
/// down; nobody below makes it later.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline At(Clock::time_point when) { return Deadline(when); }
  static Deadline After(std::chrono::milliseconds delay) { return Deadline(Clock::now() + delay); }

  Clock::time_point when() const { return when_; }
  /// Never negative.
  std::chrono::milliseconds Remaining() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(when_ - Clock::now()));
  }
  bool Expired() const { return Clock::now() >= when_; }
  /// The earlier of this one and `delay` from now.
  Deadline Cap(std::chrono::milliseconds delay) const {
    return Deadline(std::min(when_, Clock::now() + delay));
  }

 private:
  explicit Deadline(Clock::time_point when) : when_(when) {}
  Clock::time_point when_;
};

}  // namespace shodan
