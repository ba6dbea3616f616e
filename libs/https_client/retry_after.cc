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

bool ParseTime(std::string_view value, absl::Time& time) {
  // RFC 9110 section 5.6.7: recipients accept the two obsolete forms of a date as well.
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y",
        static_cast<const char*>(absl::RFC3339_full)}) {
    std::string error;
    if (absl::ParseTime(format, ToAbsl(value), &time, &error)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value,
                                                    std::chrono::system_clock::time_point now) {
  if (value.empty() || value.size() > 64) return std::nullopt;
  const bool digits =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(ToAbsl(value), &seconds)) return kMax;
    return std::clamp(std::chrono::seconds(seconds), kMin, kMax);
  }
  absl::Time time;
  // absl reads "infinite-future" in any format; a date begins with a digit or a weekday.
  if (value.front() == 'i' || !ParseTime(value, time)) return std::nullopt;
  // absl's durations saturate where the standard library's would overflow.
  const absl::Duration delay =
      std::clamp(absl::Ceil(time - absl::FromChrono(now), absl::Seconds(1)), absl::FromChrono(kMin),
                 absl::FromChrono(kMax));
  return absl::ToChronoSeconds(delay);
}

}  // namespace shodan
