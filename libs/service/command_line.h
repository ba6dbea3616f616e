// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace shodan::service {

/// Something that a program does for an operator, on command-line arguments, instead of serving.
struct Operation {
  std::string_view option;     ///< "--replay-ledger"; empty: the program has none
  std::string_view arguments;  ///< "DIR...": at least one, all that follow the option
  std::string_view summary;    ///< half a sentence for --help
};

/// What a program says about itself. The texts are literals.
struct ProgramInfo {
  std::string_view name;     ///< "call-link": log field, RPC audience, first word of messages
  std::string_view version;  ///< SHODAN_VERSION
  std::string_view summary;  ///< one sentence for --help
  bool migrates = false;     ///< offers --migrate
  Operation operation = {};
};

/// What the command line asks for.
enum class Action { kServe, kMigrate, kOperate, kCheckConfig, kHelp, kVersion };

/// A parsed command line.
struct CommandLine {
  Action action = Action::kServe;
  std::string config_file;  ///< not empty for kServe, kMigrate, kOperate and kCheckConfig
  std::vector<std::string> operands = {};  ///< of kOperate; not empty
};

/// `arguments` are those after the program's name. Accepts `--config FILE`, `--config=FILE`,
/// `--check-config`, `--migrate` (when the program migrates), the program's operation with its
/// operands last, `--help` and `--version`; --help and --version win over everything else.
/// INVALID_ARGUMENT/USAGE says which argument is wrong and points to --help.
absl::StatusOr<CommandLine> ParseCommandLine(const ProgramInfo& info,
                                             const std::vector<std::string>& arguments);

/// The text of --help.
std::string UsageText(const ProgramInfo& info);

}  // namespace shodan::service
