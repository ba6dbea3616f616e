// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "libs/concurrency/shutdown.h"
#include "libs/config/config_reader.h"
#include "libs/service/command_line.h"
#include "libs/service/common_config.h"

namespace shodan::service {

/// Exit codes of every program.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  ///< could not start or had to stop
inline constexpr int kExitUsage = 2;    ///< wrong command line or configuration

/// What differs between the programs. `Config` has a member `CommonConfig common`.
///
///   int main(int argc, char** argv) {
///     return RunProgram(argc, argv, Program<Config>{.info = {...}, .read_config = ReadConfig,
///                                                   .describe = DescribeConfig, .serve = Serve});
///   }
template <typename Config>
struct Program {
  ProgramInfo info;
  /// Reads the whole configuration; problems are collected by the reader.
  Config (*read_config)(ConfigReader& reader) = nullptr;
  /// The effective configuration for --check-config; secrets as kRedacted.
  boost::json::object (*describe)(const Config& config) = nullptr;
  /// Runs until `termination` reports a signal; OK means a clean end.
  absl::Status (*serve)(Config config, TerminationSignal& termination) = nullptr;
  /// For programs with `info.migrates`.
  absl::Status (*migrate)(const Config& config) = nullptr;
  /// For programs with an `info.operation`.
  absl::Status (*operate)(const Config& config, const std::vector<std::string>& operands) = nullptr;
};

/// Reads and checks a configuration: INVALID_ARGUMENT/CONFIG_UNREADABLE or /INVALID_FIELD with
/// every problem at once.
template <typename Config>
absl::StatusOr<Config> LoadConfig(ConfigReader reader, Config (*read_config)(ConfigReader&)) {
  Config config = read_config(reader);
  SHODAN_RETURN_IF_ERROR(reader.Finish());
  return config;
}

namespace detail {

/// Handles --help, --version and a wrong command line itself: then `exit_code` is set.
struct Start {
  CommandLine command_line;
  int exit_code = -1;
  bool done() const { return exit_code >= 0; }
};
Start StartProgram(const ProgramInfo& info, int argc, char** argv);
/// Prints the configuration on standard output.
int PrintConfig(const boost::json::object& description);
/// Prints one line for each problem on standard error.
int ReportBadConfig(const ProgramInfo& info, const absl::Status& status);
/// The exit code of a run, after a line on standard error when it failed.
int ReportEnd(const ProgramInfo& info, const absl::Status& status);
/// Keeps secrets out of core dumps and away from debuggers, and arms the crash points.
void PrepareProcess(const CommonConfig& config);

}  // namespace detail

/// The whole life of a program: command line, configuration, then what was asked for. Call it first
/// thing in main(), before any thread exists. Exceptions end here.
template <typename Config>
int RunProgram(int argc, char** argv, const Program<Config>& program) {
  const detail::Start start = detail::StartProgram(program.info, argc, argv);
  if (start.done()) return start.exit_code;
  try {
    absl::StatusOr<ConfigReader> reader = ConfigReader::FromFile(start.command_line.config_file);
    if (!reader.ok()) return detail::ReportBadConfig(program.info, reader.status());
    absl::StatusOr<Config> config = LoadConfig(*std::move(reader), program.read_config);
    if (!config.ok()) return detail::ReportBadConfig(program.info, config.status());
    if (start.command_line.action == Action::kCheckConfig) {
      return detail::PrintConfig(program.describe(*config));
    }
    detail::PrepareProcess(config->common);
    if (start.command_line.action == Action::kMigrate) {
      return detail::ReportEnd(program.info, program.migrate(*config));
    }
    if (start.command_line.action == Action::kOperate) {
      return detail::ReportEnd(program.info, program.operate(*config, start.command_line.operands));
    }
    TerminationSignal termination;
    return detail::ReportEnd(program.info, program.serve(*std::move(config), termination));
  } catch (const std::exception&) {
    return detail::ReportEnd(program.info,
                             Internal("UNEXPECTED", "the program ended unexpectedly"));
  }
}

}  // namespace shodan::service
