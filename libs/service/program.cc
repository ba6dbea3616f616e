// SPDX-License-Identifier: Apache-2.0
#include "libs/service/program.h"

#include <iostream>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "libs/base/crash_point.h"
#include "libs/base/strings.h"

namespace shodan::service::detail {

Start StartProgram(const ProgramInfo& info, int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  absl::StatusOr<CommandLine> command_line = ParseCommandLine(info, arguments);
  if (!command_line.ok()) {
    std::cerr << info.name << ": " << ToStd(command_line.status().message()) << '\n';
    return {.command_line = {}, .exit_code = kExitUsage};
  }
  if (command_line->action == Action::kHelp) {
    std::cout << UsageText(info);
    return {.command_line = {}, .exit_code = kExitOk};
  }
  if (command_line->action == Action::kVersion) {
    std::cout << info.name << ' ' << info.version << '\n';
    return {.command_line = {}, .exit_code = kExitOk};
  }
  return {.command_line = *std::move(command_line)};
}

int PrintConfig(const boost::json::object& description) {
  std::cout << boost::json::serialize(description) << std::endl;
  return std::cout.good() ? kExitOk : kExitFailure;
}

int ReportBadConfig(const ProgramInfo& info, const absl::Status& status) {
  const std::vector<FieldViolation> fields = FieldsOf(status);
  if (fields.empty()) std::cerr << info.name << ": " << ToStd(status.message()) << '\n';
  for (const FieldViolation& field : fields) {
    std::cerr << info.name << ": configuration: " << field.field << ": " << field.description
              << '\n';
  }
  return kExitUsage;
}

int ReportEnd(const ProgramInfo& info, const absl::Status& status) {
  if (status.ok()) return kExitOk;
  std::cerr << info.name << ": " << ReasonOf(status) << ": " << ToStd(status.message()) << '\n';
  return kExitFailure;
}

void PrepareProcess(const CommonConfig& config) {
  // Neither call can fail with these arguments: both only give rights up.
  static_cast<void>(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  const rlimit no_core{0, 0};
  static_cast<void>(setrlimit(RLIMIT_CORE, &no_core));
  ArmCrashPoints(config.crash_points);
}

}  // namespace shodan::service::detail
