// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

/// Whether the time that Zoom signed (x-zm-request-timestamp, seconds since 1970 in decimal digits)
/// is at most `window` away from `now`, in either direction.
/// UNAUTHENTICATED/WEBHOOK_TIMESTAMP_INVALID, /WEBHOOK_TIMESTAMP_OUTSIDE_WINDOW.
absl::Status CheckSignedTime(std::string_view timestamp, Time now,
                             std::chrono::milliseconds window);

}  // namespace shodan::automation
