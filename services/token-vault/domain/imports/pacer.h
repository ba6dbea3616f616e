// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <mutex>
#include <utility>

#include "libs/base/deadline.h"
#include "services/token-vault/domain/settings.h"

namespace shodan::tokenvault {

/// Lets so many pass in a second, one after the other at even distances. Thread-safe.
class Pacer {
 public:
  /// `per_second` is at least 1.
  Pacer(int per_second, Pause pause)
      : interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second),
        pause_(std::move(pause)) {}

  /// Waits for a turn. False, at once and without using up a turn, when the next one lies behind
  /// `deadline`.
  bool Await(Deadline deadline);

 private:
  const std::chrono::nanoseconds interval_;
  const Pause pause_;
  std::mutex mutex_;
  Deadline::Clock::time_point next_;  ///< guarded by mutex_; the clock's epoch: at once
};

}  // namespace shodan::tokenvault
