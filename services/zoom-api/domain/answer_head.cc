// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/answer_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/https_client/retry_after.h"

namespace shodan::zoomapi {
namespace {

constexpr size_t kValueBytesMax = 1'024;
constexpr size_t kTrackingIdBytesMax = 128;
constexpr std::array<std::string_view, 5> kPassedOn = {
    "content-disposition", "etag", "last-modified", "retry-after", "x-zm-trackingid"};

bool IsPassedOn(std::string_view name) {
  return name.starts_with("x-ratelimit-") ||
         std::find(kPassedOn.begin(), kPassedOn.end(), name) != kPassedOn.end();
}

bool IsClean(std::string_view value) {
  return value.size() <= kValueBytesMax && std::all_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7F;
         });
}

bool IsTrackingCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view(";=._-,").find(c) != std::string_view::npos;
}

}  // namespace

AnswerHead HeadOf(int status, int64_t content_length, const HeaderFields& headers) {
  AnswerHead head;
  head.status = status;
  head.content_length = content_length;
  for (const auto& [name, value] : headers) {
    if (!IsClean(value)) continue;
    if (name == "content-type") {
      head.content_type = value;
    } else if (IsPassedOn(name)) {
      head.headers.emplace_back(name, value);
    }
  }
  return head;
}

std::string_view FieldOf(const HeaderFields& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string TrackingIdOf(const HeaderFields& headers) {
  const std::string_view value = FieldOf(headers, "x-zm-trackingid").substr(0, kTrackingIdBytesMax);
  return std::string(value.begin(),
                     std::find_if_not(value.begin(), value.end(), &IsTrackingCharacter));
}

std::optional<std::chrono::milliseconds> PauseOf(const HeaderFields& headers,
                                                 std::chrono::system_clock::time_point now) {
  if (const auto pause = ParseRetryAfter(FieldOf(headers, "retry-after"), now); pause.has_value()) {
    return *pause;
  }
  const std::string_view reset = FieldOf(headers, "x-ratelimit-reset");
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(reset.data(), reset.data() + reset.size(), seconds);
  constexpr int64_t kLatest = 4'102'444'800;  // the year 2100
  if (reset.empty() && FieldOf(headers, "x-ratelimit-type") == "QPS") {
    return std::chrono::seconds(1);
  }
  if (reset.empty() || error != std::errc() || end != reset.data() + reset.size() || seconds < 0 ||
      seconds > kLatest) {
    return std::nullopt;
  }
  const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::time_point(std::chrono::seconds(seconds)) - now);
  return std::clamp<std::chrono::milliseconds>(pause, std::chrono::seconds(1),
                                               std::chrono::hours(24));
}

}  // namespace shodan::zoomapi
