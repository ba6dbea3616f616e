// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/domain/call_link_cache.h"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

namespace shodan::calllink {
namespace {

std::shared_ptr<const CallLink> LinkTo(const std::string& e164) {
  auto link = std::make_shared<CallLink>();
  link->e164 = e164;
  return link;
}

TEST_CASE("The cache finds what was stored and nothing else") {
  CallLinkCache cache(1000);
  cache.Store("JP:03-1234-5678", LinkTo("+81312345678"));

  const auto found = cache.Find("JP:03-1234-5678");

  REQUIRE(found != nullptr);
  CHECK(found->e164 == "+81312345678");
  CHECK(cache.Find("US:03-1234-5678") == nullptr);
}

TEST_CASE("Storing again replaces") {
  CallLinkCache cache(1000);
  cache.Store("key", LinkTo("+1"));
  cache.Store("key", LinkTo("+2"));

  CHECK(cache.Find("key")->e164 == "+2");
  CHECK(cache.size() == 1);
}

TEST_CASE("The cache never holds more than its capacity") {
  CallLinkCache cache(320);

  for (int i = 0; i < 10'000; ++i) cache.Store(std::to_string(i), LinkTo("+81"));

  CHECK(cache.size() <= 320);
  CHECK(cache.size() > 0);
}

TEST_CASE("What is asked for all the time stays") {
  CallLinkCache cache(320);
  cache.Store("popular", LinkTo("+81"));

  for (int i = 0; i < 10'000; ++i) {
    REQUIRE(cache.Find("popular") != nullptr);
    cache.Store(std::to_string(i), LinkTo("+1"));
  }

  CHECK(cache.Find("popular")->e164 == "+81");
}

}  // namespace
}  // namespace shodan::calllink
