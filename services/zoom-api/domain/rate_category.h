// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// Zoom's classes of API requests, each with limits of its own (developers.zoom.us, "Rate limits").
/// Zoom Phone has the same four with other numbers.
enum class RateCategory {
  kLight,
  kMedium,
  kHeavy,
  kResourceIntensive,
  kPhoneLight,
  kPhoneMedium,
  kPhoneHeavy,
  kPhoneResourceIntensive,
};
inline constexpr std::array kRateCategories = {
    RateCategory::kLight,      RateCategory::kMedium,
    RateCategory::kHeavy,      RateCategory::kResourceIntensive,
    RateCategory::kPhoneLight, RateCategory::kPhoneMedium,
    RateCategory::kPhoneHeavy, RateCategory::kPhoneResourceIntensive};

/// "light", "phone_resource_intensive": in keys, configuration and metrics.
std::string_view NameOf(RateCategory category);

/// The class Zoom's documentation gives the endpoint; kMedium, or kPhoneMedium below "phone", for
/// one that it does not list here.
RateCategory CategoryOf(Method method, const RequestTarget& target);

}  // namespace shodan::zoomapi
