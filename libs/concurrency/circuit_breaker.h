// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <mutex>

namespace shodan {

/// Keeps calls away from a dependency that fails, and lets one through now and then to see whether
/// it has recovered. Thread-safe.
///
/// Closed, it admits everything. After `failures` failures in a row it opens for `pause`; then one
/// probe is admitted at a time, whose success closes it and whose failure opens it again.
class CircuitBreaker {
 public:
  struct Settings {
    int failures = 5;                         ///< in a row
    std::chrono::milliseconds pause{1'000};   ///< until the next probe
    std::chrono::milliseconds probe{30'000};  ///< a probe without an end is forgotten after this
  };
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit CircuitBreaker(Settings settings, Clock clock = &std::chrono::steady_clock::now)
      : settings_(settings), clock_(std::move(clock)) {}

  /// Whether a call may be made now. Whoever gets true reports how it ended, or Abandoned().
  bool Admit();
  void Succeeded();
  void Failed();
  /// The call was not made after all.
  void Abandoned();
  /// The dependency asked to be left alone: nothing is admitted for so long, however calls end that
  /// are under way. A shorter time never shortens a longer one.
  void OpenFor(std::chrono::milliseconds duration);
  /// How long nothing will be admitted; 0 when something may be.
  std::chrono::milliseconds RemainingPause();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  const Settings settings_;
  const Clock clock_;
  std::mutex mutex_;
  int failures_ = 0;
  TimePoint open_until_;  ///< nothing before this
  bool probing_ = false;
  TimePoint probe_until_;
};

}  // namespace shodan
