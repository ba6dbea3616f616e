// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/line_writer.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/libs/observability/pipe.h"

namespace shodan {
namespace {

TEST_CASE("Lines arrive whole and in order") {
  const testing::Pipe pipe;
  LineWriter writer(pipe.writer());

  CHECK(writer.Write("one\n"));
  CHECK(writer.Write("two\n"));

  CHECK(pipe.Drain() == "one\ntwo\n");
  CHECK(writer.dropped() == 0);
}

TEST_CASE("With a reader that does not read, lines are dropped and counted instead of waiting") {
  const testing::Pipe pipe;
  LineWriter writer(pipe.writer());
  const std::string line = std::string(LineWriter::kMaxLine - 1, 'x') + "\n";
  size_t written = 0;
  while (writer.Write(line)) ++written;

  for (int i = 1; i < 100; ++i) CHECK_FALSE(writer.Write(line));

  CHECK(writer.dropped() == 100);
  CHECK(pipe.Drain().size() == written * line.size());
  CHECK(writer.Write("back\n"));
  CHECK(pipe.Drain() == "back\n");
}

TEST_CASE("A reader that is gone costs lines, not the process") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  close(ends[0]);
  LineWriter writer(ends[1]);

  CHECK_FALSE(writer.Write("line\n"));

  CHECK(writer.dropped() == 1);
  close(ends[1]);
}

TEST_CASE("Lines of several threads do not mix") {
  const testing::Pipe pipe;
  LineWriter writer(pipe.writer());
  std::vector<std::thread> threads;
  for (const char c : {'a', 'b', 'c'}) {
    threads.emplace_back([&writer, c] {
      for (int i = 0; i < 20; ++i) writer.Write(std::string(40, c) + "\n");
    });
  }
  for (std::thread& thread : threads) thread.join();

  const std::string text = pipe.Drain();

  REQUIRE(text.size() == 60 * 41);
  for (size_t at = 0; at < text.size(); at += 41) {
    CHECK(std::count(text.begin() + static_cast<long>(at),
                     text.begin() + static_cast<long>(at) + 40, text[at]) == 40);
  }
}

}  // namespace
}  // namespace shodan
