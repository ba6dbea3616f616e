// SPDX-License-Identifier: Apache-2.0
#include "libs/service/port_file.h"

#include <filesystem>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::service {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

TEST_CASE("A port file is JSON with one number for each listener") {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "ports.json").string();

  REQUIRE_THAT(WritePortFile(path, {{"grpc", 4711}, {"admin", 4712}}), IsOk());

  CHECK(*ReadFile(path) == "{\"grpc\":4711,\"admin\":4712}\n");
}

TEST_CASE("An older port file is replaced, and nothing else is left behind") {
  const TemporaryDirectory directory;
  const std::string path = directory.Write("ports.json", "old and longer than the new one, surely");

  REQUIRE_THAT(WritePortFile(path, {{"https", 8443}}), IsOk());

  CHECK(*ReadFile(path) == "{\"https\":8443}\n");
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("A port file in a missing folder is an error that names it") {
  const absl::Status status = WritePortFile("/nonexistent/ports.json", {{"grpc", 1}});

  CHECK_THAT(status, IsError(absl::StatusCode::kUnavailable, "PORT_FILE_UNWRITABLE"));
  CHECK(std::string(status.message()).find("/nonexistent/ports.json") != std::string::npos);
}

}  // namespace
}  // namespace shodan::service
