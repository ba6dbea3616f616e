// SPDX-License-Identifier: Apache-2.0
#include "libs/service/command_line.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::service {
namespace {

constexpr std::string_view kConfigOption = "--config";

absl::Status Usage(std::string_view what) {
  return InvalidArgument("USAGE", Join(what, "; see --help"));
}

absl::Status SetAction(CommandLine& command_line, Action action) {
  if (command_line.action != Action::kServe) {
    return Usage("what to do instead of serving is to be given once only");
  }
  command_line.action = action;
  return absl::OkStatus();
}

std::string OperationUsage(const Operation& operation) {
  if (operation.option.empty()) return "";
  return Join(" | ", operation.option, " ", operation.arguments);
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const ProgramInfo& info,
                                             const std::vector<std::string>& arguments) {
  CommandLine command_line;
  for (const std::string& argument : arguments) {
    if (argument == "--help") return CommandLine{Action::kHelp, {}};
    if (argument == "--version") return CommandLine{Action::kVersion, {}};
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == kConfigOption || argument.starts_with(Join(kConfigOption, "="))) {
      if (!command_line.config_file.empty()) return Usage("--config is given twice");
      if (argument != kConfigOption) {
        command_line.config_file = argument.substr(kConfigOption.size() + 1);
      } else if (i + 1 < arguments.size()) {
        command_line.config_file = arguments[++i];
      }
      if (command_line.config_file.empty()) return Usage("--config needs the name of a file");
    } else if (argument == "--check-config") {
      SHODAN_RETURN_IF_ERROR(SetAction(command_line, Action::kCheckConfig));
    } else if (argument == "--migrate" && info.migrates) {
      SHODAN_RETURN_IF_ERROR(SetAction(command_line, Action::kMigrate));
    } else if (!info.operation.option.empty() && argument == info.operation.option) {
      SHODAN_RETURN_IF_ERROR(SetAction(command_line, Action::kOperate));
      command_line.operands.assign(arguments.begin() + static_cast<ptrdiff_t>(i) + 1,
                                   arguments.end());
      if (command_line.operands.empty()) {
        return Usage(Join(argument, " needs ", info.operation.arguments));
      }
      break;
    } else {
      return Usage(Join("unknown argument ", argument));
    }
  }
  if (command_line.config_file.empty()) return Usage("--config FILE is missing");
  return command_line;
}

std::string UsageText(const ProgramInfo& info) {
  std::string text = Join(info.name, " ", info.version, "\n", info.summary,
                          "\n\nUsage: ", info.name, " --config FILE [--check-config",
                          info.migrates ? " | --migrate" : "", OperationUsage(info.operation),
                          "]\n\n"
                          "  --config FILE   JSON configuration; secrets are read from the files "
                          "that its *_file keys name\n"
                          "  --check-config  check the configuration, print the effective values "
                          "without secrets, and exit\n");
  if (info.migrates) {
    text += "  --migrate       bring the database to this program's schema and exit\n";
  }
  if (!info.operation.option.empty()) {
    text += Join("  ", info.operation.option, " ", info.operation.arguments, "\n",
                 "                  ", info.operation.summary, "\n");
  }
  text +=
      "  --help          print this and exit\n"
      "  --version       print the version and exit\n\n"
      "Exit codes: 0 success, 1 could not start or go on, 2 wrong command line or configuration.\n";
  return text;
}

}  // namespace shodan::service
