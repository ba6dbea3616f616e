// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/scopes.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "libs/base/strings.h"

namespace shodan::zoomapi {
namespace {

struct Endpoint {
  Method method;
  std::string_view path;  ///< "*" stands for any one segment
  std::string_view granular;
  std::string_view classic;
};

// developers.zoom.us, the API reference's "Scopes" and "Granular scopes" of each endpoint.
constexpr Endpoint kEndpoints[] = {
    {Method::kPost, "users/*/meetings", "meeting:write:meeting", "meeting:write"},
    {Method::kGet, "users/*/meetings", "meeting:read:list_meetings", "meeting:read"},
    {Method::kGet, "meetings/*", "meeting:read:meeting", "meeting:read"},
    {Method::kPatch, "meetings/*", "meeting:update:meeting", "meeting:write"},
    {Method::kDelete, "meetings/*", "meeting:delete:meeting", "meeting:write"},
    {Method::kPost, "meetings/*/registrants", "meeting:write:registrant", "meeting:write"},
    {Method::kGet, "meetings/*/registrants", "meeting:read:list_registrants", "meeting:read"},
    {Method::kGet, "meetings/*/registrants/*", "meeting:read:registrant", "meeting:read"},
    {Method::kDelete, "meetings/*/registrants/*", "meeting:delete:registrant", "meeting:write"},
    {Method::kGet, "users/me", "user:read:user", "user:read"},
    {Method::kGet, "phone/users/me", "phone:read:user", "phone:read"},
    {Method::kGet, "phone/users/me/call_history", "phone:read:list_call_logs",
     "phone_call_log:read"},
};

constexpr std::string_view kLevels[] = {"", ":admin", ":master"};

bool Fits(std::string_view pattern, const std::vector<std::string>& segments) {
  const std::vector<std::string> parts = absl::StrSplit(ToAbsl(pattern), '/');
  return std::equal(parts.begin(), parts.end(), segments.begin(), segments.end(),
                    [](const std::string& part, const std::string& segment) {
                      return part == "*" || part == segment;
                    });
}

std::vector<std::string> ScopesOf(const Endpoint& endpoint) {
  std::vector<std::string> scopes;
  for (const std::string_view name : {endpoint.granular, endpoint.classic}) {
    for (const std::string_view level : kLevels) scopes.push_back(Join(name, level));
  }
  return scopes;
}

}  // namespace

std::vector<std::string> ScopesThatAllow(Method method, const RequestTarget& target) {
  const Method asked = method == Method::kHead ? Method::kGet : method;
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.method == asked && Fits(endpoint.path, target.segments())) {
      return ScopesOf(endpoint);
    }
  }
  return {};
}

bool IsKnownScope(std::string_view scope) {
  return std::any_of(std::begin(kEndpoints), std::end(kEndpoints), [&](const Endpoint& endpoint) {
    const std::vector<std::string> scopes = ScopesOf(endpoint);
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  });
}

}  // namespace shodan::zoomapi
