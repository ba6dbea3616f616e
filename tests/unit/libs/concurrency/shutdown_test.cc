// SPDX-License-Identifier: Apache-2.0
#include "libs/concurrency/shutdown.h"

#include <csignal>
#include <functional>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace shodan {
namespace {

// The exit code of a process that does `work`: the signal mask is the process's own.
int ExitCode(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST_CASE("Wait returns the signal that asked the process to end") {
  for (const int signal : {SIGTERM, SIGINT}) {
    CHECK(ExitCode([signal] {
            TerminationSignal termination;
            kill(getpid(), signal);
            return termination.Wait();
          }) == signal);
  }
}

TEST_CASE("A signal that arrived before Wait is not lost and does not end the process") {
  CHECK(ExitCode([] {
          TerminationSignal termination;
          std::raise(SIGTERM);
          return termination.Wait() == SIGTERM ? 0 : 1;
        }) == 0);
}

TEST_CASE("Writing to a peer that left is an error of the write, not the end of the process") {
  CHECK(ExitCode([] {
          TerminationSignal termination;
          int ends[2];
          if (pipe(ends) != 0) return 1;
          close(ends[0]);
          return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1;
        }) == 0);
}

}  // namespace
}  // namespace shodan
