// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "absl/status/status.h"

namespace shodan::automation {

/// How often and how soon a webhook that could not be read is tried again.
struct AttemptLimits {
  int attempts = 8;  ///< those that were not cut short by something unavailable
  std::chrono::milliseconds first_delay{1'000};
  std::chrono::milliseconds longest_delay{300'000};
};

/// What becomes of a webhook after an attempt that failed.
struct NextStep {
  enum class Kind { kRetry, kPark };
  Kind kind = Kind::kRetry;
  std::chrono::milliseconds delay{0};  ///< of kRetry
  bool counts = true;                  ///< of kRetry: the attempt is one of the allowed
  std::string reason;                  ///< of kPark
};

/// `attempts` counts those so far, this one included. Something that is unavailable says nothing
/// about the webhook and is waited for without end; a body that is not as documented never gets
/// better; everything else is parked when the attempts are used up.
NextStep DecideAfterFailure(const absl::Status& failure, int attempts, const AttemptLimits& limits);

/// True when a webhook was begun more often than it may: then it ended its process each time.
bool IsExhausted(int attempts, const AttemptLimits& limits);

}  // namespace shodan::automation
