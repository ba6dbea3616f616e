// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/connection_caps.h"

#include <vector>

#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

TEST_CASE("ConnectionCaps bounds connections of one address and of all") {
  const auto caps = std::make_shared<ConnectionCaps>(3, 2);
  auto first = caps->Acquire("a", false);
  auto second = caps->Acquire("a", false);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);

  CHECK(caps->Acquire("a", false) == nullptr);
  auto other = caps->Acquire("b", false);
  CHECK(other != nullptr);
  CHECK(caps->Acquire("c", false) == nullptr);
  CHECK(caps->total() == 3);

  first.reset();
  CHECK(caps->total() == 2);
  CHECK(caps->Acquire("a", false) != nullptr);
}

TEST_CASE("ConnectionCaps bounds a proxy's connections only by the total") {
  const auto caps = std::make_shared<ConnectionCaps>(3, 1);
  std::vector<std::unique_ptr<ConnectionCaps::Lease>> leases;
  for (int i = 0; i < 3; ++i) {
    leases.push_back(caps->Acquire("proxy", true));
    CHECK(leases.back() != nullptr);
  }
  CHECK(caps->Acquire("proxy", true) == nullptr);
}

}  // namespace
}  // namespace shodan::gateway
