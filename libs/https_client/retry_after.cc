// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/retry_after.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "libs/base/strings.h"

namespace shodan {
namespace {

constexpr std::chrono::seconds kMin{1};
constexpr std::chrono::seconds kMax{24 * 3600};

std::chrono::seconds Clamp(std::chrono::seconds delay) { return std::clamp(delay, kMin, kMax); }

}  // namespace

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value,
                                                    std::chrono::system_clock::time_point now) {
  if (value.empty() || value.size() > 64) return std::nullopt;
  const bool digits =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(ToAbsl(value), &seconds)) return kMax;
    return Clamp(std::chrono::seconds(seconds));
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", ToAbsl(value), &time, &error) &&
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(value), &time, &error)) {
    return std::nullopt;
  }
  const auto delay = std::chrono::ceil<std::chrono::seconds>(absl::ToChronoTime(time) - now);
  return Clamp(delay);
}

}  // namespace shodan
