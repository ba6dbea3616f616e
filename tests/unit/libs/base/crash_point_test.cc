// SPDX-License-Identifier: Apache-2.0
#include "libs/base/crash_point.h"

#include <csignal>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace shodan {
namespace {

// What became of a process that armed `names` and came by "vault.activate.before_commit".
int EndOfProcess(const std::set<std::string>& names) {
  const pid_t child = fork();
  if (child == 0) {
    ArmCrashPoints(names);
    CrashPoint("vault.activate.before_commit");
    _exit(7);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("Reaching an armed crash point kills the process as kill -9 does") {
  const int status = EndOfProcess({"vault.activate.before_commit"});

  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("Crash points that are not armed do nothing") {
  for (const std::set<std::string>& names : {std::set<std::string>{}, {"vault.activate"}}) {
    const int status = EndOfProcess(names);

    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
  }
}

}  // namespace
}  // namespace shodan
