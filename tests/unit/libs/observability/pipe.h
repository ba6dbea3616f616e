// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace shodan::testing {

/// A pipe of the system's default size with a reader that reads when told to.
class Pipe {
 public:
  Pipe() {
    REQUIRE(pipe2(ends_, O_CLOEXEC) == 0);
    // Only the reader's end: the writer must cope with a blocking descriptor.
    REQUIRE(fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
  }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return ends_[1]; }
  /// All that was written and not read yet.
  std::string Drain() const {
    std::string text;
    char buffer[4096];
    ssize_t count = 0;
    while ((count = read(ends_[0], buffer, sizeof(buffer))) > 0) {
      text.append(buffer, static_cast<size_t>(count));
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace shodan::testing
