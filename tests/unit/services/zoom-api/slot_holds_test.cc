// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/slot_holds.h"

#include <vector>

#include <catch2/catch.hpp>

namespace shodan::zoomapi {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using Reports = std::vector<SlotHolds::Report>;

constexpr int64_t kSecond = 1'000'000;

TEST_CASE("Over a steady way a slot is held for one window, however long the way is") {
  SlotHolds holds{seconds(1)};
  holds.Answered(1'000, 301'000);
  holds.Answered(6'000, 306'000);
  CHECK(holds.TakeReports() == Reports{{1'000, 1'000 + kSecond}, {6'000, 6'000 + kSecond}});
  CHECK(holds.TakeReports().empty());
}

TEST_CASE("What an answer takes longer than others, its slot is held longer") {
  SlotHolds holds{seconds(1)};
  holds.Answered(0, 10'000);
  holds.Answered(5'000, 85'000);
  CHECK(holds.TakeReports() == Reports{{0, kSecond}, {5'000, 5'000 + kSecond + 70'000}});
}

TEST_CASE("A slot is held for a second longer at most, as one of which nothing is reported") {
  SlotHolds holds{seconds(60)};
  holds.Answered(0, 10'000);
  holds.Answered(0, 30 * kSecond);
  CHECK(holds.TakeReports().back().held_until == 61 * kSecond);
  CHECK(holds.unreported() == microseconds(61 * kSecond));
}

TEST_CASE("The shortest time is that of late answers only, so that a longer way is learnt") {
  SlotHolds holds{seconds(1)};
  holds.Answered(0, 1'000);
  for (int i = 0; i < 511; ++i) holds.Answered(0, 301'000);
  CHECK(holds.TakeReports().back().held_until == kSecond + 300'000);
  holds.Answered(0, 301'000);
  CHECK(holds.TakeReports().back().held_until == kSecond);
}

TEST_CASE("A slot that nobody used is given back") {
  SlotHolds holds{seconds(1)};
  holds.Unused(7);
  CHECK(holds.TakeReports() == Reports{{7, 0}});
}

TEST_CASE("An answer before its slot, by a clock that was set, shortens nothing") {
  SlotHolds holds{seconds(1)};
  holds.Answered(kSecond, 0);
  CHECK(holds.TakeReports() == Reports{{kSecond, 2 * kSecond}});
}

}  // namespace
}  // namespace shodan::zoomapi
