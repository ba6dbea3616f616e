// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/service/running_program.h"

#include <array>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shodan::testing {
namespace {

constexpr int kPatienceMs = 30'000;

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pipe_ = ends[0];

  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const int error =
      posix_spawn(&pid_, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
}

RunningProgram::~RunningProgram() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pipe_);
}

bool RunningProgram::WaitForOutput(const std::string& text) {
  while (output_.find(text) == std::string::npos) {
    if (!ReadMore()) return false;
  }
  return true;
}

void RunningProgram::Signal(int signal) const { kill(pid_, signal); }

int RunningProgram::Wait() {
  while (ReadMore()) {
  }
  if (pid_ > 0) {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    result_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return result_;
}

bool RunningProgram::ReadMore() {
  pollfd readable{.fd = pipe_, .events = POLLIN, .revents = 0};
  if (poll(&readable, 1, kPatienceMs) <= 0) {
    Signal(SIGKILL);
    return false;
  }
  std::array<char, 4096> buffer{};
  const ssize_t size = read(pipe_, buffer.data(), buffer.size());
  if (size <= 0) return false;
  output_.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

}  // namespace shodan::testing
