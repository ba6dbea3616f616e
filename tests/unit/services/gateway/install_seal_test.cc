// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/auth/install_seal.h"

#include <catch2/catch.hpp>

namespace shodan::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

const InstallWindow kWindow{"demo", SubjectOf("demo", "ann"), "https://app.example", "attempt-1"};

struct Sealing {
  system_clock::time_point now{seconds(1'800'000'000)};
  InstallSeal seal{Secret("a key"), [this] { return now; }};
};

TEST_CASE("What was sealed opens again, until its window is too old") {
  Sealing world;
  const std::string sealed = world.seal.Seal(kWindow);
  CHECK(world.seal.Open(sealed) == kWindow);
  world.now += kInstallLifetime - seconds(1);
  CHECK(world.seal.Open(sealed) == kWindow);
  world.now += seconds(1);
  CHECK(world.seal.Open(sealed) == std::nullopt);
}

TEST_CASE("Another replica with the same key opens it, one with another key does not") {
  Sealing world;
  const std::string sealed = world.seal.Seal(kWindow);
  const auto clock = [&world] { return world.now; };
  CHECK(InstallSeal(Secret("a key"), clock).Open(sealed) == kWindow);
  CHECK(InstallSeal(Secret("a kez"), clock).Open(sealed) == std::nullopt);
}

TEST_CASE("No byte of it can be changed, and nothing else opens") {
  Sealing world;
  const std::string sealed = world.seal.Seal(kWindow);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK(world.seal.Open(changed) == std::nullopt);
    CHECK(world.seal.Open(sealed.substr(0, i)) == std::nullopt);
  }
  CHECK(world.seal.Open("") == std::nullopt);
  CHECK(world.seal.Open(".") == std::nullopt);
  CHECK(world.seal.Open(sealed + "A") == std::nullopt);
  CHECK(world.seal.Open(std::string(5000, 'A')) == std::nullopt);
}

TEST_CASE("A user's id is in no sealed text") {
  Sealing world;
  InstallWindow window = kWindow;
  window.origin = "";
  CHECK(SubjectOf("demo", "ann").size() == 43);
  CHECK(SubjectOf("demo", "ann") != SubjectOf("demoa", "nn"));
  CHECK(world.seal.Seal(window).find("ann") == std::string::npos);
}

TEST_CASE("The cookie that goes with an attempt cookie ends as that one does") {
  CHECK(InstallCookieName("__Host-shodan-attempt-0123abcd") == "__Host-shodan-install-0123abcd");
}

}  // namespace
}  // namespace shodan::gateway
