// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "absl/status/statusor.h"
#include "services/automation/domain/time.h"

namespace shodan::automation {

/// What every event of Zoom's has around it.
struct Envelope {
  std::string event;               ///< "meeting.created": 1 to 64 of [a-z0-9_.]
  std::optional<Time> event_time;  ///< event_ts, which some events have elsewhere or not at all
  std::string account_id;
  boost::json::object payload;
};

/// Reads a body. INVALID_ARGUMENT/WEBHOOK_MALFORMED.
absl::StatusOr<Envelope> ReadEnvelope(std::string_view body);

/// What app_deauthorized tells: a Zoom user removed the app.
struct Deauthorization {
  std::string zoom_account_id;
  std::string zoom_user_id;
  Time time;
};

inline constexpr std::string_view kDeauthorizationEvent = "app_deauthorized";

/// INVALID_ARGUMENT/WEBHOOK_MALFORMED when it names no user or no time.
absl::StatusOr<Deauthorization> ReadDeauthorization(const Envelope& envelope);

}  // namespace shodan::automation
