// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace shodan {

/// Writes whole lines to a file descriptor, and drops lines rather than wait for a slow reader.
///
/// The descriptor may be shared with other processes, so its flags are left alone: each write waits
/// for room first (20 ms, or not at all while lines are being dropped). A pipe with room takes
/// PIPE_BUF bytes at once (pipe(7)), so lines of at most kMaxLine bytes cannot block. Thread-safe.
class LineWriter {
 public:
  static constexpr size_t kMaxLine = 4096;

  /// Does not own `fd`.
  explicit LineWriter(int fd) : fd_(fd) {}

  /// `line` ends with a newline. False when it was dropped.
  bool Write(const std::string& line);
  /// Lines dropped since construction.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  bool WriteLocked(const std::string& line);

  const int fd_;
  std::mutex mutex_;  // guards the two flags and the order of writes
  bool dropping_ = false;
  bool torn_ = false;
  std::atomic<uint64_t> dropped_{0};
};

}  // namespace shodan
