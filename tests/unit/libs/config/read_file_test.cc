// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;

TEST_CASE("ReadFile gives the content byte for byte") {
  const testing::TemporaryDirectory directory;
  const std::string content("one\r\ntwo\0three\n", 15);

  const auto read = ReadFile(directory.Write("file", content));

  REQUIRE_THAT(read, IsOk());
  CHECK(*read == content);
}

TEST_CASE("ReadFile takes a file of exactly 1 MiB and refuses a byte more") {
  const testing::TemporaryDirectory directory;
  const std::string largest(size_t{1} << 20U, 'x');

  CHECK_THAT(ReadFile(directory.Write("largest", largest)), IsOk());
  CHECK_THAT(ReadFile(directory.Write("larger", largest + "x")),
             IsError(absl::StatusCode::kNotFound, "FILE_UNREADABLE"));
}

TEST_CASE("ReadFile names a file that is missing or is a directory") {
  const testing::TemporaryDirectory directory;
  for (const std::string& path :
       {(directory.path() / "missing").string(), directory.path().string()}) {
    const auto read = ReadFile(path);

    CHECK_THAT(read, IsError(absl::StatusCode::kNotFound, "FILE_UNREADABLE"));
    CHECK(std::string(read.status().message()).find(path) != std::string::npos);
  }
}

}  // namespace
}  // namespace shodan
