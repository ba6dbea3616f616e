// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/circuit_breaker.h"

#include <algorithm>

namespace shodan {

bool CircuitBreaker::Admit() {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_();
  if (now < open_until_) return false;
  if (failures_ < settings_.failures) return true;
  if (probing_ && now < probe_until_) return false;
  probing_ = true;
  probe_until_ = now + settings_.probe;
  return true;
}

void CircuitBreaker::Succeeded() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  probing_ = false;
}

void CircuitBreaker::Failed() {
  const std::lock_guard lock(mutex_);
  probing_ = false;
  failures_ = std::min(failures_ + 1, settings_.failures);
  if (failures_ < settings_.failures) return;
  open_until_ = std::max(open_until_, clock_() + settings_.pause);
}

void CircuitBreaker::Abandoned() {
  const std::lock_guard lock(mutex_);
  probing_ = false;
}

void CircuitBreaker::OpenFor(std::chrono::milliseconds duration) {
  const std::lock_guard lock(mutex_);
  probing_ = false;
  open_until_ = std::max(open_until_, clock_() + duration);
}

std::chrono::milliseconds CircuitBreaker::RemainingPause() {
  const std::lock_guard lock(mutex_);
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::ceil<std::chrono::milliseconds>(open_until_ - clock_()));
}

}  // namespace shodan
