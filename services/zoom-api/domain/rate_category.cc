// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/rate_category.h"

#include <optional>
#include <string>
#include <vector>

namespace shodan::zoomapi {
namespace {

using Segments = std::vector<std::string>;

// An endpoint of Zoom's. "*" stands for one segment; HEAD counts as GET.
struct Endpoint {
  Method method;
  std::array<std::string_view, 5> path;  ///< ends at the first empty one
  RateCategory category;
};

constexpr RateCategory kLight = RateCategory::kLight;
constexpr RateCategory kMedium = RateCategory::kMedium;
constexpr RateCategory kHeavy = RateCategory::kHeavy;

constexpr std::array kEndpoints = {
    Endpoint{Method::kGet, {"users", "*"}, kLight},
    Endpoint{Method::kPatch, {"users", "*"}, kLight},
    Endpoint{Method::kGet, {"users", "*", "settings"}, kLight},
    Endpoint{Method::kGet, {"users", "*", "meetings"}, kMedium},
    Endpoint{Method::kPost, {"users", "*", "meetings"}, kMedium},
    Endpoint{Method::kGet, {"meetings", "*"}, kLight},
    Endpoint{Method::kPatch, {"meetings", "*"}, kLight},
    Endpoint{Method::kDelete, {"meetings", "*"}, kLight},
    Endpoint{Method::kPut, {"meetings", "*", "status"}, kLight},
    Endpoint{Method::kGet, {"meetings", "*", "registrants"}, kMedium},
    Endpoint{Method::kPost, {"meetings", "*", "registrants"}, kLight},
    Endpoint{Method::kPut, {"meetings", "*", "registrants", "status"}, kLight},
    Endpoint{Method::kGet, {"meetings", "*", "registrants", "*"}, kLight},
    Endpoint{Method::kDelete, {"meetings", "*", "registrants", "*"}, kLight},
    Endpoint{Method::kPost, {"meetings", "*", "batch_registrants"}, kHeavy},
    Endpoint{Method::kGet, {"meetings", "*", "recordings"}, kLight},
    Endpoint{Method::kGet, {"past_meetings", "*"}, kLight},
    Endpoint{Method::kGet, {"report", "*"}, kHeavy},
    Endpoint{Method::kGet, {"report", "*", "*"}, kHeavy},
    Endpoint{Method::kGet, {"report", "*", "*", "*"}, kHeavy},
    Endpoint{Method::kGet, {"phone", "call_history"}, RateCategory::kPhoneMedium},
    Endpoint{Method::kGet, {"phone", "call_history", "*"}, RateCategory::kPhoneLight},
    Endpoint{Method::kGet, {"phone", "users", "*"}, RateCategory::kPhoneLight},
};

bool Fits(const Endpoint& endpoint, const Segments& segments) {
  for (size_t i = 0; i < endpoint.path.size(); ++i) {
    const std::string_view expected = endpoint.path[i];
    if (i == segments.size()) return expected.empty();
    if (expected.empty() || (expected != "*" && expected != segments[i])) return false;
  }
  return segments.size() == endpoint.path.size();
}

}  // namespace

std::string_view NameOf(RateCategory category) {
  switch (category) {
    case RateCategory::kLight:
      return "light";
    case RateCategory::kMedium:
      return "medium";
    case RateCategory::kHeavy:
      return "heavy";
    case RateCategory::kResourceIntensive:
      return "resource_intensive";
    case RateCategory::kPhoneLight:
      return "phone_light";
    case RateCategory::kPhoneMedium:
      return "phone_medium";
    case RateCategory::kPhoneHeavy:
      return "phone_heavy";
    case RateCategory::kPhoneResourceIntensive:
      return "phone_resource_intensive";
  }
  return "";
}

RateCategory CategoryOf(Method method, const RequestTarget& target) {
  const Segments& segments = target.segments();
  const Method counted = method == Method::kHead ? Method::kGet : method;
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.method == counted && Fits(endpoint, segments)) return endpoint.category;
  }
  const bool phone = !segments.empty() && segments.front() == "phone";
  return phone ? RateCategory::kPhoneMedium : RateCategory::kMedium;
}

}  // namespace shodan::zoomapi
