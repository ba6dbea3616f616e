// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/zoom-api/domain/rate_category.h"

namespace shodan::zoomapi {

/// What a Zoom account pays for: its limits depend on it. "Business" stands for all that are above.
enum class ZoomPlan { kFree, kPro, kBusiness };

/// One of Zoom's limits of an account.
struct ZoomLimit {
  int64_t requests = 0;  ///< in any window
  std::chrono::seconds window{1};
  int64_t per_day = 0;  ///< from 00:00 UTC on; 0: as many as one likes
  /// What the daily limit is counted under: some categories share one.
  std::string_view daily_name;
};

/// Numbers that take the place of the plan's.
struct LimitOverride {
  std::optional<int64_t> requests;
  std::optional<int64_t> per_day;
};

/// The section `rate_limits`.
struct RateLimitsConfig {
  ZoomPlan default_plan = ZoomPlan::kPro;
  std::map<std::string, ZoomPlan> plans;  ///< by project
  std::map<RateCategory, LimitOverride> overrides;
  /// How far below Zoom's limits requests are kept, 1 to 50.
  int margin_percent = 5;
  int replicas_expected = 3;  ///< among whom an account's limit is divided when Redis is away
  int waiting_per_user_max = 100;
  int waiting_per_account_max = 2'000;  ///< in each category
};

ZoomLimit LimitOf(const RateLimitsConfig& config, const std::string& project_id,
                  RateCategory category);

/// How requests are let go so that a limit is never reached: one by one, never in bursts, because
/// where Zoom's windows begin is not known.
struct Pace {
  std::chrono::microseconds spacing{};    ///< between two requests
  std::chrono::microseconds tolerance{};  ///< a slot that is later than this is lost
  int64_t requests = 0;                   ///< the limit itself, in any window
  std::chrono::microseconds window{};
  int64_t per_day = 0;  ///< 0: as many as one likes
  std::string_view daily_name;

  bool operator==(const Pace&) const = default;
};

Pace PaceOf(const ZoomLimit& limit, int margin_percent);

}  // namespace shodan::zoomapi
