// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace shodan::testing {

/// A child process whose output the test reads. Killed at the end if it still runs.
class RunningProgram {
 public:
  /// `command` is the path of the program and its arguments.
  explicit RunningProgram(const std::vector<std::string>& command);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// Reads until standard output or error hold the text; false when the program ended, or half a
  /// minute went by, without it.
  bool WaitForOutput(const std::string& text);
  void Signal(int signal) const;
  /// Reads what is left and waits. The exit code, or minus the signal that ended the program.
  int Wait();
  /// What was read so far of both.
  const std::string& output() const { return output_; }

 private:
  bool ReadMore();

  pid_t pid_ = -1;
  int pipe_ = -1;
  int result_ = 0;
  std::string output_;
};

}  // namespace shodan::testing
