// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/pacer.h"

#include <vector>

#include <catch2/catch.hpp>

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{3'600'000};

TEST_CASE("the first comes at once, the others at even distances") {
  std::vector<milliseconds> waits;
  Pacer pacer(1, [&](milliseconds wait) { waits.push_back(wait); });
  const Deadline deadline = Deadline::After(kLong);
  for (int i = 0; i < 4; ++i) CHECK(pacer.Await(deadline));
  REQUIRE(waits.size() == 3);
  // Nobody really waits here, so each is told how far away his turn is, less what has passed since.
  milliseconds turn{0};
  for (const milliseconds wait : waits) {
    CHECK(wait > turn);
    turn += milliseconds(1'000);
    CHECK(wait <= turn);
  }
}

TEST_CASE("who cannot wait long enough is told so at once and takes nobody's turn") {
  std::vector<milliseconds> waits;
  Pacer pacer(1, [&](milliseconds wait) { waits.push_back(wait); });
  CHECK(pacer.Await(Deadline::After(kLong)));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(pacer.Await(Deadline::After(milliseconds(0))));
  CHECK(waits.empty());
  CHECK(pacer.Await(Deadline::After(kLong)));
  REQUIRE(waits.size() == 1);
  CHECK(waits[0] <= milliseconds(1'000));
}

}  // namespace
}  // namespace shodan::tokenvault
