// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/signed_time.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/automation/domain/errors.h"

namespace shodan::automation {
namespace {

// Enough until the year 33658, and no overflow in microseconds.
constexpr size_t kDigitsMax = 12;

}  // namespace

absl::Status CheckSignedTime(std::string_view timestamp, Time now,
                             std::chrono::milliseconds window) {
  int64_t seconds = 0;
  const bool digits =
      !timestamp.empty() && timestamp.size() <= kDigitsMax &&
      std::all_of(timestamp.begin(), timestamp.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(ToAbsl(timestamp), &seconds)) {
    return Unauthenticated(reason::kTimestampInvalid,
                           "The header x-zm-request-timestamp is not a number of seconds.");
  }
  const auto present =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const std::chrono::milliseconds distance = present - std::chrono::seconds(seconds);
  if (distance > window || distance < -window) {
    return Unauthenticated(reason::kTimestampOutsideWindow,
                           "The webhook was signed too long ago, or the clocks differ.");
  }
  return absl::OkStatus();
}

}  // namespace shodan::automation
