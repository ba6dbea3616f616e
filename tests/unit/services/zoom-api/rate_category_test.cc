// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/rate_category.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan::zoomapi {
namespace {

RateCategory Of(Method method, std::vector<std::string> segments) {
  return CategoryOf(method, RequestTarget::Of(std::move(segments)));
}

TEST_CASE("The meeting actions and the profile are in the classes that Zoom documents") {
  CHECK(Of(Method::kGet, {"users", "me"}) == RateCategory::kLight);
  CHECK(Of(Method::kPost, {"users", "me", "meetings"}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {"users", "me", "meetings"}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {"meetings", "85746065432"}) == RateCategory::kLight);
  CHECK(Of(Method::kPatch, {"meetings", "85746065432"}) == RateCategory::kLight);
  CHECK(Of(Method::kDelete, {"meetings", "85746065432"}) == RateCategory::kLight);
  CHECK(Of(Method::kPost, {"meetings", "1", "registrants"}) == RateCategory::kLight);
  CHECK(Of(Method::kGet, {"meetings", "1", "registrants"}) == RateCategory::kMedium);
  CHECK(Of(Method::kDelete, {"meetings", "1", "registrants", "x"}) == RateCategory::kLight);
  CHECK(Of(Method::kGet, {"phone", "call_history"}) == RateCategory::kPhoneMedium);
}

TEST_CASE("HEAD counts as GET") {
  CHECK(Of(Method::kHead, {"meetings", "1"}) == RateCategory::kLight);
}

TEST_CASE("What Zoom's documentation does not list here is medium, below phone medium of its own") {
  CHECK(Of(Method::kGet, {"rooms"}) == RateCategory::kMedium);
  CHECK(Of(Method::kPut, {"meetings", "1"}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {"meetings"}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {"meetings", "1", "registrants", "x", "y"}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {}) == RateCategory::kMedium);
  CHECK(Of(Method::kGet, {"phone", "numbers"}) == RateCategory::kPhoneMedium);
}

TEST_CASE("Every class has a name of its own") {
  std::vector<std::string_view> names;
  for (const RateCategory category : kRateCategories) names.push_back(NameOf(category));
  CHECK(names == std::vector<std::string_view>{"light", "medium", "heavy", "resource_intensive",
                                               "phone_light", "phone_medium", "phone_heavy",
                                               "phone_resource_intensive"});
}

}  // namespace
}  // namespace shodan::zoomapi
