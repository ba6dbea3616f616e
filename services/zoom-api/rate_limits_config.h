// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "services/zoom-api/domain/rate_limits.h"

namespace shodan::zoomapi {

/// Reads the section `rate_limits`, every key of which has a default:
///
///   {"default_plan": "pro", "plans": {"demo": "business"}, "margin_percent": 5,
///    "replicas_expected": 3, "waiting_per_user": 100, "waiting_per_account": 2000,
///    "overrides": {"light": {"per_second": 200, "per_day": 0}}}
///
/// The resource intensive categories have `per_minute` for `per_second`; a `per_day` of 0 means
/// none.
RateLimitsConfig ReadRateLimits(ConfigReader reader);

/// For the effective configuration.
boost::json::object DescribeRateLimits(const RateLimitsConfig& config);

}  // namespace shodan::zoomapi
