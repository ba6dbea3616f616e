// SPDX-License-Identifier: Apache-2.0
// A race on purpose, in the handler of a call: the test passes when the thread sanitizer reports
// it. Otherwise a suppression hides what it must not.
#include <atomic>
#include <future>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/integration/libs/rpc/rpc_world.h"

namespace shodan {
namespace {

TEST_CASE_METHOD(testing::RpcWorld, "Two calls write the same variable at once") {
  std::atomic<int> entered{0};
  int unguarded = 0;
  service.get_profile = [&](const rpc::CallContext&) {
    entered.fetch_add(1, std::memory_order_relaxed);
    // Relaxed: the wait itself must order nothing.
    while (entered.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
    ++unguarded;
    return testing::v1::GetProfileResponse();
  };
  const auto channel = ChannelOf("own");
  auto other = std::async(std::launch::async, [&] { return Call(channel); });

  CHECK(Call(channel).ok());

  CHECK(other.get().ok());
  CHECK(unguarded > 0);
}

}  // namespace
}  // namespace shodan
