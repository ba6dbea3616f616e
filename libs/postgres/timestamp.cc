// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/timestamp.h"

#include <cstdio>

namespace shodan::postgres {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

// Takes a whole number of `min` to `max` digits off the front.
bool TakeNumber(std::string_view& text, size_t min, size_t max, int& value) {
  size_t size = 0;
  value = 0;
  while (size < text.size() && size < max && text[size] >= '0' && text[size] <= '9') {
    value = value * 10 + (text[size] - '0');
    ++size;
  }
  if (size < min) return false;
  text.remove_prefix(size);
  return true;
}

bool Take(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

bool TakeFraction(std::string_view& text, int& micros) {
  micros = 0;
  if (!Take(text, ".")) return true;
  const size_t before = text.size();
  if (!TakeNumber(text, 1, 6, micros)) return false;
  for (size_t digits = before - text.size(); digits < 6; ++digits) micros *= 10;
  return true;
}

}  // namespace

std::string FormatTimestamp(Time time) {
  const sys_time<microseconds> instant = std::chrono::floor<microseconds>(time);
  const sys_days day = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<microseconds> clock(instant - day);
  char text[64];
  const int size = std::snprintf(
      text, sizeof(text), "%04d-%02u-%02u %02d:%02d:%02d.%06d+00", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<size_t>(size)};
}

std::optional<Time> ParseTimestamp(std::string_view text) {
  if (text == "infinity") return Time::max();
  if (text == "-infinity") return Time::min();
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  if (!TakeNumber(text, 4, 6, year) || !Take(text, "-") || !TakeNumber(text, 2, 2, month) ||
      !Take(text, "-") || !TakeNumber(text, 2, 2, day) || !Take(text, " ") ||
      !TakeNumber(text, 2, 2, hour) || !Take(text, ":") || !TakeNumber(text, 2, 2, minute) ||
      !Take(text, ":") || !TakeNumber(text, 2, 2, second) || !TakeFraction(text, micros) ||
      !Take(text, "+00")) {
    return std::nullopt;
  }
  const bool before_christ = Take(text, " BC");
  if (!text.empty()) return std::nullopt;
  if (before_christ || year < kFirstYear) return Time::min();
  if (year > kLastYear) return Time::max();
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return Time(sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         seconds(second) + microseconds(micros);
}

}  // namespace shodan::postgres
