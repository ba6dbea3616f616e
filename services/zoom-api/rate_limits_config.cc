// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/rate_limits_config.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace shodan::zoomapi {
namespace {

struct NamedPlan {
  std::string_view name;
  ZoomPlan plan;
};
constexpr std::array kPlans = {NamedPlan{"free", ZoomPlan::kFree}, NamedPlan{"pro", ZoomPlan::kPro},
                               NamedPlan{"business", ZoomPlan::kBusiness}};

constexpr int64_t kRequestsMax = 10'000;
constexpr int64_t kDailyMax = 100'000'000;

std::optional<ZoomPlan> PlanNamed(std::string_view name) {
  for (const NamedPlan& named : kPlans) {
    if (named.name == name) return named.plan;
  }
  return std::nullopt;
}

std::string_view NameOfPlan(ZoomPlan plan) {
  for (const NamedPlan& named : kPlans) {
    if (named.plan == plan) return named.name;
  }
  return "";
}

std::string_view KeyOfRequests(RateCategory category) {
  const bool minutes = category == RateCategory::kResourceIntensive ||
                       category == RateCategory::kPhoneResourceIntensive;
  return minutes ? "per_minute" : "per_second";
}

LimitOverride ReadOverride(ConfigReader reader, RateCategory category) {
  LimitOverride numbers;
  const std::string_view requests = KeyOfRequests(category);
  if (reader.Has(requests)) {
    numbers.requests = reader.Integer(requests, 1, kRequestsMax, std::nullopt);
  }
  if (reader.Has("per_day")) {
    numbers.per_day = reader.Integer("per_day", 0, kDailyMax, std::nullopt);
  }
  return numbers;
}

}  // namespace

RateLimitsConfig ReadRateLimits(ConfigReader reader) {
  const RateLimitsConfig defaults;
  RateLimitsConfig config;
  const std::string plan =
      reader.Choice("default_plan", {"free", "pro", "business"}, NameOfPlan(defaults.default_plan));
  config.default_plan = PlanNamed(plan).value_or(defaults.default_plan);
  for (const auto& [project, name] : reader.StringMap("plans")) {
    const std::optional<ZoomPlan> named = PlanNamed(name);
    if (!named.has_value()) reader.AddProblem("plans", "must be free, pro or business");
    config.plans[project] = named.value_or(defaults.default_plan);
  }
  config.margin_percent =
      static_cast<int>(reader.Integer("margin_percent", 1, 50, defaults.margin_percent));
  config.replicas_expected =
      static_cast<int>(reader.Integer("replicas_expected", 1, 1'000, defaults.replicas_expected));
  config.waiting_per_user_max = static_cast<int>(
      reader.Integer("waiting_per_user", 1, 10'000, defaults.waiting_per_user_max));
  config.waiting_per_account_max = static_cast<int>(
      reader.Integer("waiting_per_account", 1, 100'000, defaults.waiting_per_account_max));
  if (!reader.Has("overrides")) return config;
  ConfigReader overrides = reader.Object("overrides");
  for (const RateCategory category : kRateCategories) {
    if (!overrides.Has(NameOf(category))) continue;
    config.overrides[category] = ReadOverride(overrides.Object(NameOf(category)), category);
  }
  return config;
}

boost::json::object DescribeRateLimits(const RateLimitsConfig& config) {
  boost::json::object plans;
  for (const auto& [project, plan] : config.plans) {
    plans[project] = std::string(NameOfPlan(plan));
  }
  boost::json::object overrides;
  for (const auto& [category, numbers] : config.overrides) {
    boost::json::object shown;
    if (numbers.requests.has_value()) {
      shown[std::string(KeyOfRequests(category))] = *numbers.requests;
    }
    if (numbers.per_day.has_value()) shown["per_day"] = *numbers.per_day;
    overrides[std::string(NameOf(category))] = std::move(shown);
  }
  return {{"default_plan", std::string(NameOfPlan(config.default_plan))},
          {"plans", std::move(plans)},
          {"margin_percent", config.margin_percent},
          {"replicas_expected", config.replicas_expected},
          {"waiting_per_user", config.waiting_per_user_max},
          {"waiting_per_account", config.waiting_per_account_max},
          {"overrides", std::move(overrides)}};
}

}  // namespace shodan::zoomapi
