// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/client_address.h"

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::gateway {
namespace {

using testing::IsError;

TrustedProxies Proxies() {
  return *TrustedProxies::Parse({"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"});
}

TEST_CASE("TrustedProxies covers addresses and blocks of both families") {
  const TrustedProxies proxies = Proxies();
  for (const char* address : {"10.1.2.3", "192.0.2.7", "2001:db8::1", "::ffff:10.0.0.1"}) {
    CHECK(proxies.Contains(address));
  }
  for (const char* address : {"11.0.0.1", "192.0.2.8", "2001:db9::1", "", "x"}) {
    CHECK_FALSE(proxies.Contains(address));
  }
}

TEST_CASE("X-Forwarded-For of a stranger is not believed") {
  CHECK(Proxies().ClientAddress("203.0.113.5", "198.51.100.1") == "203.0.113.5");
  CHECK(TrustedProxies().ClientAddress("10.0.0.1", "198.51.100.1") == "10.0.0.1");
}

TEST_CASE("Behind trusted proxies the last address that is none of them counts") {
  const TrustedProxies proxies = Proxies();
  CHECK(proxies.ClientAddress("10.0.0.1", "198.51.100.1") == "198.51.100.1");
  CHECK(proxies.ClientAddress("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.9.9.9") == "198.51.100.1");
  CHECK(proxies.ClientAddress("10.0.0.1", "") == "10.0.0.1");
  CHECK(proxies.ClientAddress("10.0.0.1", "198.51.100.1, evil") == "10.0.0.1");
}

TEST_CASE("Networks that are none are named") {
  for (const char* network : {"10.0.0.0/33", "host", "10.0.0.1/x", "", "2001:db8::/129"}) {
    CHECK_THAT(TrustedProxies::Parse({network}),
               IsError(absl::StatusCode::kInvalidArgument, "NETWORK_INVALID"));
  }
}

}  // namespace
}  // namespace shodan::gateway
