// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/pacer.h"

#include <algorithm>

namespace shodan::tokenvault {

bool Pacer::Await(Deadline deadline) {
  const Deadline::Clock::time_point now = Deadline::Clock::now();
  Deadline::Clock::time_point turn;
  {
    const std::lock_guard lock(mutex_);
    turn = std::max(next_, now);
    if (turn > deadline.when()) return false;
    next_ = turn + interval_;
  }
  // Rounded up: nobody comes before his turn.
  if (turn > now) pause_(std::chrono::ceil<std::chrono::milliseconds>(turn - now));
  return true;
}

}  // namespace shodan::tokenvault
