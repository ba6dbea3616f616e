// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "libs/https_client/https_client.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

/// How a delivery is tried: at once, then 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h
/// after the attempt before, a fifth more or less: ten times in three days.
inline constexpr int kDeliveryAttempts = 10;

/// What an attempt came to.
struct AttemptEnd {
  enum class Kind {
    kDelivered,
    kRetry,       ///< after `delay`
    kDead,        ///< it was the last one
    kGone,        ///< the endpoint does not want any more, ever
    kPutBack,     ///< not made, for a reason of our own: after `delay`, and not counted
    kUntellable,  ///< not made, and never will be, for a reason of our own
    kErased,      ///< there is nothing left to tell
  };
  Kind kind = Kind::kDelivered;
  std::chrono::milliseconds delay{0};
  std::string answer;  ///< class of the status or reason of the failure, for people
};

/// What follows from what came of the request of the `attempt`th attempt. Every status of 2xx
/// counts as delivered, whatever became of the rest of the answer. `random` is from 0 to 1.
AttemptEnd DecideAfterAttempt(const HttpsOutcome& outcome, int attempt, Time now, double random);

AttemptEnd PutBack(std::string_view reason);
/// An end without delay.
AttemptEnd Ended(AttemptEnd::Kind kind, std::string_view reason);

}  // namespace shodan::automation
