// SPDX-License-Identifier: Apache-2.0
#include "libs/http/route_table.h"

#include <algorithm>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::http {
namespace {

constexpr size_t kProjectBytesMax = 63;
constexpr size_t kUserBytesMax = 255;
constexpr size_t kMeetingDigitsMax = 19;
constexpr size_t kRegistrantBytesMax = 128;
constexpr size_t kInstallKeyBytesMax = 64;
constexpr size_t kWorkflowBytesMax = 128;

bool IsProjectId(std::string_view text) {
  return !text.empty() && text.size() <= kProjectBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool IsUuidText(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kShape.size() &&
         std::equal(text.begin(), text.end(), kShape.begin(), [](char c, char shape) {
           return shape == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsMeetingId(std::string_view text) {
  return !text.empty() && text.size() <= kMeetingDigitsMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsRegistrantId(std::string_view text) {
  return !text.empty() && text.size() <= kRegistrantBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return IsAlphanumeric(c) || c == '_' || c == '+' || c == '=' || c == '-';
         });
}

bool IsInstallKey(std::string_view text) {
  return !text.empty() && text.size() <= kInstallKeyBytesMax &&
         std::all_of(text.begin(), text.end(), IsAlphanumeric);
}

bool IsWorkflowId(std::string_view text) {
  return !text.empty() && text.size() <= kWorkflowBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '_' || c == '-'; });
}

bool IsParameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool IsRest(std::string_view segment) {
  return IsParameter(segment) && segment.find("...") != std::string_view::npos;
}

std::string_view NameOfParameter(std::string_view segment) {
  segment = segment.substr(1, segment.size() - 2);
  return segment.substr(0, segment.find("..."));
}

std::optional<FieldViolation> CheckParameter(std::string_view name, std::string_view value) {
  if (name == "project" && !IsProjectId(value)) {
    return FieldViolation{"projectId", "MALFORMED", "must be 1 to 63 characters of a-z, 0-9, -."};
  }
  if ((name == "call" || name == "note" || name == "apiKey" || name == "integration" ||
       name == "credential") &&
      !IsUuidText(value)) {
    return FieldViolation{Join(name, "Id"), "MALFORMED", "must be a UUID in lower case."};
  }
  if (name == "user" && (value.empty() || value.size() > kUserBytesMax)) {
    return FieldViolation{"userId", "OUT_OF_RANGE", "must have 1 to 255 bytes."};
  }
  if (name == "connection" && (value.empty() || value.size() > kUserBytesMax)) {
    return FieldViolation{"connection_id", "OUT_OF_RANGE", "must have 1 to 255 bytes."};
  }
  if (name == "meeting" && !IsMeetingId(value)) {
    return FieldViolation{"meetingId", "MALFORMED", "must be 1 to 19 digits."};
  }
  if (name == "registrant" && !IsRegistrantId(value)) {
    return FieldViolation{"registrantId", "MALFORMED",
                          "must be 1 to 128 characters of letters, digits, _, +, = and -."};
  }
  if (name == "installKey" && !IsInstallKey(value)) {
    return FieldViolation{"installKey", "MALFORMED", "must be 1 to 64 letters and digits."};
  }
  if (name == "workflow" && !IsWorkflowId(value)) {
    return FieldViolation{"workflowId", "MALFORMED",
                          "must be 1 to 128 characters of letters, digits, _ and -."};
  }
  return std::nullopt;
}

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

// What stands in the raw path after its first `count` segments.
std::string RawRest(std::string_view raw_path, size_t count) {
  size_t start = 1;
  for (size_t i = 0; i < count; ++i) start = raw_path.find('/', start) + 1;
  return std::string(raw_path.substr(start));
}

bool Fits(const std::vector<std::string_view>& pattern, const Route& route, const Target& target,
          PathParameters& parameters) {
  const std::vector<std::string>& segments = target.segments;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (IsRest(pattern[i]) && route.streamed()) {
      if (segments.size() <= i) return false;
      parameters.emplace(NameOfParameter(pattern[i]), RawRest(target.raw_path, i));
      return true;
    }
    if (IsRest(pattern[i])) {
      std::string rest;
      for (size_t k = i; k < segments.size(); ++k) {
        // A segment that decodes to a slash is no path separator and names nothing here.
        if (segments[k].find('/') != std::string::npos) return false;
        rest.append(k == i ? "" : "/").append(segments[k]);
      }
      parameters.emplace(NameOfParameter(pattern[i]), std::move(rest));
      return segments.size() > i;
    }
    if (i >= segments.size()) return false;
    if (IsParameter(pattern[i])) {
      parameters.emplace(NameOfParameter(pattern[i]), segments[i]);
    } else if (pattern[i] != segments[i]) {
      return false;
    }
  }
  return pattern.size() == segments.size();
}

}  // namespace

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const Route& route : routes_) patterns_.push_back(Split(route.path));
}

RouteMatch RouteTable::Match(Method method, const Target& target) const {
  RouteMatch match;
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  for (size_t i = 0; i < routes_.size(); ++i) {
    PathParameters parameters;
    if (!Fits(patterns_[i], routes_[i], target, parameters)) continue;
    match.allow.append(match.allow.empty() ? "" : ", ").append(NameOf(routes_[i].method));
    if (routes_[i].method == Method::kGet) match.allow.append(", HEAD");
    if (match.index >= 0) continue;
    match.parameters = std::move(parameters);
    if (routes_[i].method == wanted) match.index = static_cast<int>(i);
  }
  if (match.allow.empty()) {
    match.status = NotFound("NOT_FOUND", "There is nothing at this path.");
  } else if (match.index < 0) {
    match.status =
        InvalidArgument("METHOD_NOT_ALLOWED", Join("This path offers ", match.allow, "."));
  } else {
    std::vector<FieldViolation> problems;
    for (const auto& [name, value] : match.parameters) {
      if (auto problem = CheckParameter(name, value)) problems.push_back(*std::move(problem));
    }
    if (!problems.empty()) match.status = InvalidFields(problems);
  }
  return match;
}

}  // namespace shodan::http
