// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>

#include <boost/json.hpp>

#include "libs/observability/line_writer.h"

namespace shodan {
namespace {

namespace json = boost::json;

constexpr size_t kMaxText = 512;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string Now() {
  const auto now = std::chrono::system_clock::now();
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string micros = std::to_string(1'000'000 + since.count() % 1'000'000);
  return std::string(text, size) + "." + micros.substr(1) + "Z";
}

// Length of the well-formed UTF-8 sequence at the front (RFC 3629), 0 when there is none.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

// Well-formed UTF-8 of bounded size, whatever the caller was given from outside.
std::string Clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const std::string_view next = length == 0 ? kReplacement : text.substr(0, length);
    if (out.size() + next.size() > kMaxText) return out + "…";
    out += next;
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

json::value ToJson(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    return json::value(json::string(Clean(*text)));
  }
  if (const auto* number = std::get_if<int64_t>(&field.value)) return json::value(*number);
  if (const auto* real = std::get_if<double>(&field.value)) return json::value(*real);
  return json::value(std::get<bool>(field.value));
}

std::string Serialize(std::string_view service, LogLevel level, std::string_view message,
                      std::initializer_list<LogField> fields) {
  json::object line;
  line.emplace("time", Now());
  line.emplace("level", NameOf(level));
  line.emplace("service", service);
  line.emplace("message", Clean(message));
  std::string text = json::serialize(line);
  for (const LogField& field : fields) {
    // Does nothing when the key is taken, so a field cannot replace "level" or "message".
    if (!line.emplace(field.key, ToJson(field)).second) continue;
    std::string longer = json::serialize(line);
    if (longer.size() + sizeof(",\"truncated\":true\n") > LineWriter::kMaxLine) {
      text.insert(text.size() - 1, ",\"truncated\":true");
      break;
    }
    text = std::move(longer);
  }
  return text + "\n";
}

}  // namespace

struct Logger::Impl {
  Impl(std::string_view name, LogLevel threshold, int fd)
      : service(name), level(threshold), writer(fd) {}

  void Log(LogLevel of, std::string_view message, std::initializer_list<LogField> fields) {
    if (of < level) return;
    ReportDropped();
    writer.Write(Serialize(service, of, message, fields));
  }

  void ReportDropped() {
    const uint64_t dropped = writer.dropped();
    uint64_t known = reported.load(std::memory_order_relaxed);
    if (dropped == known || !reported.compare_exchange_strong(known, dropped)) return;
    const LogField count("dropped_lines_total", static_cast<int64_t>(dropped));
    const std::string line =
        Serialize(service, LogLevel::kWarning, "log lines were dropped", {count});
    // Dropped itself, it raises the count, so that the next line reports again.
    writer.Write(line);
  }

  const std::string service;
  const LogLevel level;
  LineWriter writer;
  std::atomic<uint64_t> reported{0};
};

Logger::Logger(std::string_view service, LogLevel level, int fd)
    : impl_(std::make_unique<Impl>(service, level, fd)) {}
Logger::~Logger() = default;

void Logger::Debug(std::string_view message, std::initializer_list<LogField> fields) {
  impl_->Log(LogLevel::kDebug, message, fields);
}
void Logger::Info(std::string_view message, std::initializer_list<LogField> fields) {
  impl_->Log(LogLevel::kInfo, message, fields);
}
void Logger::Warning(std::string_view message, std::initializer_list<LogField> fields) {
  impl_->Log(LogLevel::kWarning, message, fields);
}
void Logger::Error(std::string_view message, std::initializer_list<LogField> fields) {
  impl_->Log(LogLevel::kError, message, fields);
}

uint64_t Logger::dropped_lines() const { return impl_->writer.dropped(); }

bool ParseLogLevel(std::string_view text, LogLevel& level) {
  for (const LogLevel candidate :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (text != NameOf(candidate)) continue;
    level = candidate;
    return true;
  }
  return false;
}

}  // namespace shodan
