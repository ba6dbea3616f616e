// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/deliveries/attempt_end.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/https_client/retry_after.h"

namespace shodan::automation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<seconds, kDeliveryAttempts - 1> kDelays = {
    seconds(5),          seconds(5 * 60),     seconds(30 * 60),
    seconds(2 * 3'600),  seconds(5 * 3'600),  seconds(10 * 3'600),
    seconds(14 * 3'600), seconds(20 * 3'600), seconds(24 * 3'600),
};
constexpr milliseconds kPutBackDelay{5'000};
constexpr int kGoneStatus = 410;

milliseconds DelayAfter(int attempt, double random) {
  const auto index = static_cast<size_t>(std::clamp(attempt, 1, kDeliveryAttempts - 1) - 1);
  const double factor = 0.8 + 0.4 * std::clamp(random, 0.0, 1.0);
  return milliseconds(
      static_cast<int64_t>(static_cast<double>(milliseconds(kDelays[index]).count()) * factor));
}

// What is asked for is waited for when it is later than planned.
milliseconds AskedFor(const HttpsOutcome& outcome, Time now) {
  const auto header = outcome.headers.find("retry-after");
  if (header == outcome.headers.end() || (outcome.status != 429 && outcome.status != 503)) {
    return milliseconds(0);
  }
  return ParseRetryAfter(header->second, now).value_or(seconds(0));
}

std::string AnswerOf(const HttpsOutcome& outcome) {
  if (outcome.status >= 100 && outcome.status < 600) {
    return Join(std::to_string(outcome.status / 100), "xx");
  }
  const std::string reason = ReasonOf(outcome.error);
  return reason.empty() ? "HTTPS_UNREACHABLE" : reason;
}

}  // namespace

AttemptEnd DecideAfterAttempt(const HttpsOutcome& outcome, int attempt, Time now, double random) {
  AttemptEnd end;
  end.answer = AnswerOf(outcome);
  if (outcome.status >= 200 && outcome.status < 300) {
    end.kind = AttemptEnd::Kind::kDelivered;
  } else if (outcome.status == kGoneStatus) {
    end.kind = AttemptEnd::Kind::kGone;
  } else if (attempt >= kDeliveryAttempts) {
    end.kind = AttemptEnd::Kind::kDead;
  } else {
    end.kind = AttemptEnd::Kind::kRetry;
    end.delay = std::max(DelayAfter(attempt, random), AskedFor(outcome, now));
  }
  return end;
}

AttemptEnd PutBack(std::string_view reason) {
  return {
      .kind = AttemptEnd::Kind::kPutBack, .delay = kPutBackDelay, .answer = std::string(reason)};
}

AttemptEnd Ended(AttemptEnd::Kind kind, std::string_view reason) {
  return {.kind = kind, .delay = milliseconds(0), .answer = std::string(reason)};
}

}  // namespace shodan::automation
