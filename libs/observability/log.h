// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace shodan {

/// One typed field of a log line. There is no way to log a whole message or object.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, int64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, int64_t v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(int64_t{v}) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
};

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Writes JSON lines {"time","level","service","message", fields…} to standard error.
///
/// `message` is a constant text; everything variable is a field. Never a secret, never Zoom's data
/// or error texts. A text is cut at 512 bytes and a line at 4096, bytes that are not UTF-8 become
/// U+FFFD, and a field never replaces one of the four keys above. Writing never blocks on a slow
/// reader for long: lines are dropped and counted instead. Thread-safe.
class Logger {
 public:
  /// Does not own `fd`.
  Logger(std::string_view service, LogLevel level, int fd = 2);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void Info(std::string_view message, std::initializer_list<LogField> fields = {});
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {});
  void Error(std::string_view message, std::initializer_list<LogField> fields = {});

  /// Lines dropped since construction, for a metric.
  uint64_t dropped_lines() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "debug" | "info" | "warning" | "error".
bool ParseLogLevel(std::string_view text, LogLevel& level);

}  // namespace shodan
