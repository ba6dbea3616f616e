// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/attempts.h"

#include <algorithm>
#include <cstdint>

#include "libs/base/status.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

constexpr int kDoublingsMax = 20;

bool SaysNothingOfTheWebhook(const absl::Status& failure) {
  return failure.code() == absl::StatusCode::kUnavailable ||
         failure.code() == absl::StatusCode::kDeadlineExceeded ||
         failure.code() == absl::StatusCode::kResourceExhausted ||
         failure.code() == absl::StatusCode::kAborted ||
         failure.code() == absl::StatusCode::kCancelled;
}

std::chrono::milliseconds Delay(int attempts, const AttemptLimits& limits) {
  const int doublings = std::clamp(attempts - 1, 0, kDoublingsMax);
  return std::min(limits.longest_delay, limits.first_delay * (int64_t{1} << doublings));
}

}  // namespace

NextStep DecideAfterFailure(const absl::Status& failure, int attempts,
                            const AttemptLimits& limits) {
  NextStep next;
  if (SaysNothingOfTheWebhook(failure)) {
    next.counts = false;
    next.delay = limits.first_delay;
    return next;
  }
  const bool hopeless = HasReason(failure, reason::kMalformed);
  if (hopeless || attempts >= limits.attempts) {
    next.kind = NextStep::Kind::kPark;
    next.reason = ReasonOf(failure);
    if (next.reason.empty()) next.reason = ending::kAttemptsExhausted;
    return next;
  }
  next.delay = Delay(attempts, limits);
  return next;
}

bool IsExhausted(int attempts, const AttemptLimits& limits) { return attempts > limits.attempts; }

}  // namespace shodan::automation
