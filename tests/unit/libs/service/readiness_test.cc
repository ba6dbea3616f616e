// SPDX-License-Identifier: Apache-2.0
#include "libs/service/readiness.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::service {
namespace {

TEST_CASE("A program is ready only between its start and its end") {
  Readiness readiness;

  CHECK(readiness.WhyNotReady() == "starting");
  readiness.SetServing();
  CHECK(readiness.WhyNotReady().empty());
  readiness.SetDraining();
  CHECK(readiness.WhyNotReady() == "draining");
}

TEST_CASE("While serving, what is missing decides") {
  std::string missing;
  int asked = 0;
  Readiness readiness([&] {
    ++asked;
    return missing;
  });

  CHECK(readiness.WhyNotReady() == "starting");
  CHECK(asked == 0);
  readiness.SetServing();
  CHECK(readiness.WhyNotReady().empty());
  missing = "database";
  CHECK(readiness.WhyNotReady() == "database");
}

}  // namespace
}  // namespace shodan::service
