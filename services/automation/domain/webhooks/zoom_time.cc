// SPDX-License-Identifier: Apache-2.0
#include "services/automation/domain/webhooks/zoom_time.h"

#include <string>

#include "absl/time/time.h"

namespace shodan::automation {
namespace {

constexpr size_t kTextBytesMax = 40;
constexpr int64_t kMillisecondsMax = 7'258'118'400'000;  // 2200-01-01
constexpr const char* kFormats[] = {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S",
                                    "%Y-%m-%d %H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S"};

}  // namespace

std::optional<Time> ParseZoomTime(std::string_view text) {
  if (text.empty() || text.size() > kTextBytesMax) return std::nullopt;
  const std::string copy(text);
  for (const char* format : kFormats) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, copy, &time, &error)) {
      return TimeOfMilliseconds(absl::ToUnixMillis(time));
    }
  }
  return std::nullopt;
}

std::optional<Time> TimeOfMilliseconds(int64_t milliseconds) {
  if (milliseconds < 0 || milliseconds > kMillisecondsMax) return std::nullopt;
  return Time(std::chrono::milliseconds(milliseconds));
}

}  // namespace shodan::automation
