// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace shodan {

/// Runs a function again and again on a thread of its own, at once and then with jittered pauses
/// (0.8 to 1.2 times the interval) between the end of a run and the start of the next. The function
/// must not throw.
class PeriodicTask {
 public:
  PeriodicTask(std::chrono::milliseconds interval, std::function<void()> run);
  /// Waits for a run in progress and joins.
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

  /// Ends the present pause at once, or leaves out the next one when a run is in progress.
  /// Thread-safe.
  void Wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan
