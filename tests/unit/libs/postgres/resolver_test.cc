// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/resolver.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::postgres {
namespace {

TEST_CASE("A numeric address needs no look-up, even after the deadline") {
  const Deadline past = Deadline::After(std::chrono::milliseconds(-1));

  CHECK(*ResolveHost("127.0.0.1", past) == std::vector<std::string>{"127.0.0.1"});
  CHECK(*ResolveHost("::1", past) == std::vector<std::string>{"::1"});
}

TEST_CASE("A name is not looked up after the deadline") {
  CHECK_THAT(ResolveHost("localhost", Deadline::After(std::chrono::milliseconds(-1))),
             testing::IsError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT"));
}

}  // namespace
}  // namespace shodan::postgres
