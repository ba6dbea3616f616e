// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/file_spool.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

struct World {
  TemporaryDirectory directory;
  FileSpool spool{directory.path()};

  std::string InDirectory(const std::string& name) const {
    return directory.path().string() + name;
  }
  std::vector<std::string> List() {
    const auto names = spool.List();
    REQUIRE_THAT(names, IsOk());
    return *names;
  }
};

TEST_CASE_METHOD(World, "What is written is read back, replaced as a whole, and removed") {
  const std::string bytes("\0\xff\n", 3);
  REQUIRE_THAT(spool.Write("a", "first, and longer"), IsOk());
  REQUIRE_THAT(spool.Write("a", bytes), IsOk());
  REQUIRE_THAT(spool.Write("b", ""), IsOk());

  CHECK(List() == std::vector<std::string>{"a", "b"});
  const auto read = spool.Read("a");
  REQUIRE_THAT(read, IsOk());
  CHECK(*read == bytes);

  REQUIRE_THAT(spool.Remove("a"), IsOk());
  CHECK_THAT(spool.Remove("a"), IsOk());
  CHECK(List() == std::vector<std::string>{"b"});
  CHECK_THAT(spool.Read("a"), IsError(absl::StatusCode::kNotFound, "SPOOL_FILE_GONE"));
}

TEST_CASE_METHOD(World, "Nobody else may read a spool file") {
  REQUIRE_THAT(spool.Write("a", "x"), IsOk());
  struct stat status{};
  REQUIRE(stat(InDirectory("/a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE_METHOD(World, "A file that a crash left unfinished is no spool file") {
  std::ofstream(InDirectory("/a.spool.123.tmp")) << "half";
  CHECK(List().empty());
}

TEST_CASE_METHOD(World, "A file larger than one can be is corrupt") {
  std::ofstream(InDirectory("/a")) << std::string((256 << 10) + 1, 'x');
  CHECK_THAT(spool.Read("a"), IsError(absl::StatusCode::kDataLoss, "SPOOL_FILE_CORRUPT"));
}

TEST_CASE_METHOD(World, "A directory that cannot be written is found at the start") {
  CHECK_THAT(spool.Check(), IsOk());
  CHECK(List().empty());
  FileSpool gone(InDirectory("/gone"));
  CHECK_THAT(gone.Check(), IsError(absl::StatusCode::kUnavailable, "SPOOL_UNWRITABLE"));
  CHECK_THAT(gone.List(), IsError(absl::StatusCode::kUnavailable, "SPOOL_UNWRITABLE"));
}

TEST_CASE("Without a directory nothing is kept and nothing is found") {
  FileSpool spool("");
  CHECK_THAT(spool.Write("a", "x"), IsError(absl::StatusCode::kUnavailable, "SPOOL_UNWRITABLE"));
  const auto names = spool.List();
  REQUIRE_THAT(names, IsOk());
  CHECK(names->empty());
}

}  // namespace
}  // namespace shodan::tokenvault
