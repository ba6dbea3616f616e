// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/zoom-api/rate_limits_config.h"

namespace shodan::zoomapi {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

RateLimitsConfig Read(const std::string& json) {
  auto reader = ConfigReader::FromText(json);
  REQUIRE(reader.ok());
  RateLimitsConfig config = ReadRateLimits(reader->Object("rate_limits"));
  INFO(reader->Finish().ToString());
  REQUIRE(reader->Finish().ok());
  return config;
}

std::vector<std::string> ProblemsOf(const std::string& json) {
  auto reader = ConfigReader::FromText(json);
  REQUIRE(reader.ok());
  ReadRateLimits(reader->Object("rate_limits"));
  std::vector<std::string> fields;
  for (const FieldViolation& problem : FieldsOf(reader->Finish())) fields.push_back(problem.field);
  return fields;
}

TEST_CASE("Limits are Zoom's published ones for the project's plan, Pro unless set otherwise") {
  const RateLimitsConfig config = Read(R"({"rate_limits":{"plans":{"a":"free","b":"business"}}})");
  CHECK(LimitOf(config, "other", RateCategory::kLight).requests == 30);
  CHECK(LimitOf(config, "other", RateCategory::kMedium).requests == 20);
  CHECK(LimitOf(config, "a", RateCategory::kLight).requests == 4);
  CHECK(LimitOf(config, "a", RateCategory::kLight).per_day == 6'000);
  CHECK(LimitOf(config, "b", RateCategory::kLight).requests == 80);
  CHECK(LimitOf(config, "b", RateCategory::kMedium).requests == 60);
  const ZoomLimit rare = LimitOf(config, "b", RateCategory::kResourceIntensive);
  CHECK(rare.requests == 20);
  CHECK(rare.window == seconds(60));
  const ZoomLimit heavy = LimitOf(config, "b", RateCategory::kHeavy);
  CHECK(heavy.per_day == 60'000);
  CHECK(heavy.daily_name == rare.daily_name);
}

TEST_CASE("Numbers of an installation take the place of the plan's") {
  const RateLimitsConfig config = Read(R"({"rate_limits":{"default_plan":"free","overrides":{
      "light":{"per_second":200,"per_day":0},"resource_intensive":{"per_minute":3}}}})");
  const ZoomLimit light = LimitOf(config, "p", RateCategory::kLight);
  CHECK(light.requests == 200);
  CHECK(light.per_day == 0);
  const ZoomLimit rare = LimitOf(config, "p", RateCategory::kResourceIntensive);
  CHECK(rare.requests == 3);
  CHECK(rare.per_day == 30'000);
}

TEST_CASE("What is wrong with the section is told by field") {
  CHECK(ProblemsOf(R"({"rate_limits":{"default_plan":"gold"}})") ==
        std::vector<std::string>{"rate_limits.default_plan"});
  CHECK(ProblemsOf(R"({"rate_limits":{"plans":{"p":"gold"}}})") ==
        std::vector<std::string>{"rate_limits.plans"});
  CHECK(ProblemsOf(R"({"rate_limits":{"margin_percent":0}})") ==
        std::vector<std::string>{"rate_limits.margin_percent"});
  CHECK(ProblemsOf(R"({"rate_limits":{"overrides":{"light":{"per_minute":3}}}})").size() == 1);
  CHECK(ProblemsOf(R"({"rate_limits":{"overrides":{"tiny":{}}}})").size() == 1);
}

TEST_CASE("The effective section is shown with its defaults") {
  CHECK(
      boost::json::serialize(DescribeRateLimits(Read(
          R"({"rate_limits":{"plans":{"p":"free"},"overrides":{"heavy":{"per_second":2}}}})"))) ==
      R"({"default_plan":"pro","plans":{"p":"free"},"margin_percent":5,"replicas_expected":3,)"
      R"("waiting_per_user":100,"waiting_per_account":2000,"overrides":{"heavy":{"per_second":2}}})");
}

TEST_CASE("Requests are so far apart that one more than the limit takes longer than the window") {
  for (const int64_t requests : {1, 2, 4, 30, 80, 200, 9'999}) {
    CAPTURE(requests);
    const Pace pace = PaceOf({requests, seconds(1), 0, ""}, 5);
    CHECK(pace.spacing * requests > microseconds(1'050'000));
    CHECK(pace.spacing * requests < microseconds(1'075'000));
    CHECK(pace.tolerance == microseconds(10'000));
  }
  CHECK(PaceOf({10, seconds(60), 0, ""}, 5).spacing == microseconds(6'315'790));
}

TEST_CASE("The day's requests are kept below the limit by the same margin") {
  const Pace pace = PaceOf({4, seconds(1), 6'000, "light"}, 5);
  CHECK(pace.per_day == 5'700);
  CHECK(pace.daily_name == "light");
}

}  // namespace
}  // namespace shodan::zoomapi
