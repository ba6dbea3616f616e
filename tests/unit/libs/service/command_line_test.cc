// SPDX-License-Identifier: Apache-2.0
#include "libs/service/command_line.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/status_matchers.h"

namespace shodan::service {
namespace {

using testing::IsError;
using testing::IsOk;

constexpr ProgramInfo kStateless{
    .name = "call-link", .version = "1.2.3", .summary = "Builds links."};
constexpr ProgramInfo kWithDatabase{
    .name = "token-vault", .version = "1.2.3", .summary = "Keeps tokens.", .migrates = true};

TEST_CASE("A program serves with the configuration it is given") {
  for (const auto& arguments : {std::vector<std::string>{"--config", "/etc/a.json"},
                                std::vector<std::string>{"--config=/etc/a.json"}}) {
    const auto command_line = ParseCommandLine(kStateless, arguments);

    REQUIRE_THAT(command_line, IsOk());
    CHECK(command_line->action == Action::kServe);
    CHECK(command_line->config_file == "/etc/a.json");
  }
}

TEST_CASE("--check-config and --migrate may stand before or behind --config") {
  const auto check = ParseCommandLine(kStateless, {"--check-config", "--config", "a.json"});
  const auto migrate = ParseCommandLine(kWithDatabase, {"--config", "a.json", "--migrate"});

  REQUIRE_THAT(check, IsOk());
  CHECK(check->action == Action::kCheckConfig);
  REQUIRE_THAT(migrate, IsOk());
  CHECK(migrate->action == Action::kMigrate);
}

TEST_CASE("A program's own operation takes every argument behind it") {
  const ProgramInfo with_operation{
      .name = "token-vault",
      .version = "1.2.3",
      .summary = "Keeps tokens.",
      .operation = {.option = "--merge", .arguments = "DIR...", .summary = "merge directories"}};

  const auto merge = ParseCommandLine(with_operation, {"--config", "a.json", "--merge", "x", "-y"});
  REQUIRE_THAT(merge, IsOk());
  CHECK(merge->action == Action::kOperate);
  CHECK(merge->operands == std::vector<std::string>{"x", "-y"});
  CHECK_THAT(ParseCommandLine(with_operation, {"--config", "a.json", "--merge"}),
             IsError(absl::StatusCode::kInvalidArgument, "USAGE"));
  CHECK_THAT(ParseCommandLine(kStateless, {"--config", "a.json", ""}),
             IsError(absl::StatusCode::kInvalidArgument, "USAGE"));
  CHECK(UsageText(with_operation).find("--merge DIR...\n") != std::string::npos);
}

TEST_CASE("--help and --version win over everything else") {
  CHECK(ParseCommandLine(kStateless, {"--nonsense", "--help"})->action == Action::kHelp);
  CHECK(ParseCommandLine(kStateless, {"--config", "a.json", "--version"})->action ==
        Action::kVersion);
}

TEST_CASE("A wrong command line is refused with the argument that is wrong") {
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const Case cases[] = {
      {{}, "--config FILE is missing; see --help"},
      {{"--check-config"}, "--config FILE is missing; see --help"},
      {{"--config"}, "--config needs the name of a file; see --help"},
      {{"--config="}, "--config needs the name of a file; see --help"},
      {{"--config", "a", "--config", "b"}, "--config is given twice; see --help"},
      {{"--config", "a", "extra"}, "unknown argument extra; see --help"},
      {{"--configuration", "a"}, "unknown argument --configuration; see --help"},
      {{"--config", "a", "--migrate"}, "unknown argument --migrate; see --help"},
      {{"--config", "a", "--check-config", "--check-config"},
       "what to do instead of serving is to be given once only; see --help"},
  };

  for (const Case& one : cases) {
    const auto command_line = ParseCommandLine(kStateless, one.arguments);

    CHECK_THAT(command_line, IsError(absl::StatusCode::kInvalidArgument, "USAGE"));
    CHECK(command_line.status().message() == one.message);
  }
}

TEST_CASE("The help names --migrate only where there is a database") {
  CHECK(UsageText(kStateless).find("--migrate") == std::string::npos);
  CHECK(UsageText(kWithDatabase).find("--migrate") != std::string::npos);
  CHECK(UsageText(kStateless).starts_with("call-link 1.2.3\nBuilds links.\n"));
}

}  // namespace
}  // namespace shodan::service
