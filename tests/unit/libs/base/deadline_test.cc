// SPDX-License-Identifier: Apache-2.0
#include "libs/base/deadline.h"

#include <catch2/catch.hpp>

namespace shodan {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST_CASE("A deadline in the past is expired and has nothing remaining") {
  const Deadline past = Deadline::At(Deadline::Clock::now() - hours(1));

  CHECK(past.Expired());
  CHECK(past.Remaining() == milliseconds(0));
}

TEST_CASE("A deadline in the future has at most what it was given remaining") {
  const Deadline future = Deadline::After(hours(1));

  CHECK_FALSE(future.Expired());
  CHECK(future.Remaining() <= hours(1));
  CHECK(future.Remaining() > milliseconds(0));
}

TEST_CASE("Cap makes a deadline earlier and never later") {
  const Deadline deadline = Deadline::After(hours(1));

  CHECK(deadline.Cap(milliseconds(1)).when() < deadline.when());
  CHECK(deadline.Cap(hours(2)).when() == deadline.when());
}

}  // namespace
}  // namespace shodan
