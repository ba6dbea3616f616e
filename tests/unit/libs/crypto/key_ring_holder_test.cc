// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring_holder.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/sealed_field.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/token-vault/support/key_rings.h"

namespace shodan {
namespace {

using testing::RingOf;

TEST_CASE("A replaced ring is seen by the next reader and kept by the present one") {
  KeyRingHolder holder(RingOf({{1, 'a'}}));
  const std::shared_ptr<const KeyRing> before = holder.Get();

  holder.Replace(RingOf({{1, 'a'}, {2, 'b'}}));

  CHECK(before->primary_epoch() == 1);
  CHECK(holder.Get()->primary_epoch() == 2);
}

TEST_CASE("The keys of a replaced ring go when its last reader lets go") {
  KeyRingHolder holder(RingOf({{1, 'a'}}));
  std::shared_ptr<const KeyRing> reader = holder.Get();
  const std::weak_ptr<const KeyRing> old = reader;

  holder.Replace(RingOf({{2, 'b'}}));

  CHECK_FALSE(old.expired());
  reader.reset();
  CHECK(old.expired());
}

TEST_CASE("Threads seal and open without a failure while the ring turns over") {
  KeyRingHolder holder(RingOf({{1, 'a'}, {2, 'b'}}));
  const SealCoordinates at{"table", "field", "row", "project", "user", 1, 1};
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::atomic<int> rounds = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const std::string sealed = SealField(*holder.Get(), at, Secret("plaintext"));
        const auto opened = OpenField(*holder.Get(), at, sealed);
        if (!opened.ok() || !(*opened == Secret("plaintext"))) ++failures;
        ++rounds;
      }
    });
  }
  const KeyRing both = RingOf({{1, 'a'}, {2, 'b'}});
  for (int i = 0; i < 500 || rounds < 500; ++i) holder.Replace(both.WithPrimary(1 + i % 2));
  done = true;
  for (std::thread& thread : threads) thread.join();

  CHECK(failures == 0);
}

}  // namespace
}  // namespace shodan
