// SPDX-License-Identifier: Apache-2.0
#include "libs/http/cookies.h"

#include <algorithm>

#include "libs/base/strings.h"
#include "libs/http/fields.h"

namespace shodan::http {
namespace {

constexpr std::string_view kPrefix = "__Host-";
constexpr size_t kPairBytesMax = 4096;  // what every browser keeps

bool IsCookieValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
  });
}

}  // namespace

std::optional<std::string> FindCookie(std::string_view cookie_field, std::string_view name) {
  std::optional<std::string> found;
  while (!cookie_field.empty()) {
    const size_t end = cookie_field.find(';');
    const std::string_view pair = TrimOws(cookie_field.substr(0, end));
    cookie_field.remove_prefix(end == std::string_view::npos ? cookie_field.size() : end + 1);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (found.has_value()) return std::nullopt;  // which one was set by us cannot be told
    const std::string_view value = pair.substr(equals + 1);
    if (!IsCookieValue(value)) return std::nullopt;
    found = std::string(value);
  }
  return found;
}

std::string HostCookie(std::string_view name, std::string_view value,
                       std::chrono::seconds max_age) {
  if (!IsToken(name) || name.substr(0, kPrefix.size()) != kPrefix || !IsCookieValue(value) ||
      name.size() + value.size() > kPairBytesMax) {
    return {};
  }
  return Join(name, "=", value, "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=",
              std::to_string(std::max<int64_t>(0, max_age.count())));
}

std::string ExpiredHostCookie(std::string_view name) {
  return HostCookie(name, "", std::chrono::seconds(0));
}

}  // namespace shodan::http
