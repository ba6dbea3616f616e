// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/rate_limits.h"

#include <algorithm>
#include <array>

namespace shodan::zoomapi {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr microseconds kToleranceMin{5'000};
// Of the jitter that the margin bears, this part is left to the queue; the rest is the network's.
constexpr int kToleranceShare = 5;

// Indexed by ZoomPlan. Zoom publishes none for Zoom Phone without a plan: those of Pro.
using OfPlans = std::array<ZoomLimit, 3>;

OfPlans PublishedLimits(RateCategory category) {
  constexpr seconds kMinute{60};
  constexpr seconds kSecond{1};
  switch (category) {
    case RateCategory::kLight:
      return {{{4, kSecond, 6'000, "light"}, {30, kSecond, 0, ""}, {80, kSecond, 0, ""}}};
    case RateCategory::kMedium:
      return {{{2, kSecond, 2'000, "medium"}, {20, kSecond, 0, ""}, {60, kSecond, 0, ""}}};
    case RateCategory::kHeavy:
      return {{{1, kSecond, 1'000, "heavy"},
               {10, kSecond, 30'000, "heavy"},
               {40, kSecond, 60'000, "heavy"}}};
    case RateCategory::kResourceIntensive:
      return {{{10, kMinute, 30'000, "resource_intensive"},
               {10, kMinute, 30'000, "heavy"},
               {20, kMinute, 60'000, "heavy"}}};
    case RateCategory::kPhoneLight:
      return {{{20, kSecond, 0, ""}, {20, kSecond, 0, ""}, {40, kSecond, 0, ""}}};
    case RateCategory::kPhoneMedium:
      return {{{10, kSecond, 0, ""}, {10, kSecond, 0, ""}, {20, kSecond, 0, ""}}};
    case RateCategory::kPhoneHeavy:
      return {{{5, kSecond, 15'000, "phone_heavy"},
               {5, kSecond, 15'000, "phone_heavy"},
               {10, kSecond, 30'000, "phone_heavy"}}};
    case RateCategory::kPhoneResourceIntensive:
      return {{{5, kMinute, 15'000, "phone_heavy"},
               {5, kMinute, 15'000, "phone_heavy"},
               {10, kMinute, 30'000, "phone_heavy"}}};
  }
  return {};
}

}  // namespace

ZoomLimit LimitOf(const RateLimitsConfig& config, const std::string& project_id,
                  RateCategory category) {
  const auto of_project = config.plans.find(project_id);
  const ZoomPlan plan = of_project == config.plans.end() ? config.default_plan : of_project->second;
  ZoomLimit limit = PublishedLimits(category).at(static_cast<size_t>(plan));
  const auto set = config.overrides.find(category);
  if (set == config.overrides.end()) return limit;
  limit.requests = set->second.requests.value_or(limit.requests);
  if (set->second.per_day.has_value()) {
    limit.per_day = *set->second.per_day;
    limit.daily_name = NameOf(category);
  }
  return limit;
}

Pace PaceOf(const ZoomLimit& limit, int margin_percent) {
  const int64_t kept_percent = 100 - margin_percent;
  const microseconds window = limit.window;
  Pace pace;
  pace.requests = limit.requests;
  pace.window = window;
  // Rounded up: never more than the limit.
  pace.spacing = window * 100 / (limit.requests * kept_percent) + microseconds(1);
  pace.tolerance = std::max(kToleranceMin, window * margin_percent / (100 * kToleranceShare));
  if (limit.per_day > 0) {
    pace.per_day = std::max<int64_t>(1, limit.per_day * kept_percent / 100);
    pace.daily_name = limit.daily_name;
  }
  return pace;
}

}  // namespace shodan::zoomapi
