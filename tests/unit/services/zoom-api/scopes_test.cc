// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/domain/scopes.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan::zoomapi {
namespace {

using Scopes = std::vector<std::string>;

struct Row {
  Method method;
  std::vector<std::string> segments;
  const char* granular;
  const char* classic;
};

}  // namespace

TEST_CASE("each endpoint is allowed by a scope of either family at any level", "[zoom-api]") {
  const Row rows[] = {
      {Method::kPost, {"users", "me", "meetings"}, "meeting:write:meeting", "meeting:write"},
      {Method::kGet, {"users", "me", "meetings"}, "meeting:read:list_meetings", "meeting:read"},
      {Method::kHead, {"users", "me", "meetings"}, "meeting:read:list_meetings", "meeting:read"},
      {Method::kGet, {"meetings", "92674392836"}, "meeting:read:meeting", "meeting:read"},
      {Method::kPatch, {"meetings", "92674392836"}, "meeting:update:meeting", "meeting:write"},
      {Method::kDelete, {"meetings", "92674392836"}, "meeting:delete:meeting", "meeting:write"},
      {Method::kPost,
       {"meetings", "1", "registrants"},
       "meeting:write:registrant",
       "meeting:write"},
      {Method::kGet,
       {"meetings", "1", "registrants"},
       "meeting:read:list_registrants",
       "meeting:read"},
      {Method::kGet,
       {"meetings", "1", "registrants", "r"},
       "meeting:read:registrant",
       "meeting:read"},
      {Method::kDelete,
       {"meetings", "1", "registrants", "r"},
       "meeting:delete:registrant",
       "meeting:write"},
      {Method::kGet, {"users", "me"}, "user:read:user", "user:read"},
      {Method::kGet, {"phone", "users", "me"}, "phone:read:user", "phone:read"},
      {Method::kGet,
       {"phone", "users", "me", "call_history"},
       "phone:read:list_call_logs",
       "phone_call_log:read"},
  };
  for (const Row& row : rows) {
    const std::string granular = row.granular;
    const std::string classic = row.classic;
    INFO(granular);
    CHECK(ScopesThatAllow(row.method, RequestTarget::Of(row.segments)) ==
          Scopes{granular, granular + ":admin", granular + ":master", classic, classic + ":admin",
                 classic + ":master"});
    CHECK(IsKnownScope(granular + ":admin"));
    CHECK(IsKnownScope(classic));
  }
}

TEST_CASE("what is not listed is Zoom's to decide", "[zoom-api]") {
  CHECK(ScopesThatAllow(Method::kGet, RequestTarget::Of({"users"})).empty());
  CHECK(ScopesThatAllow(Method::kPut, RequestTarget::Of({"meetings", "1"})).empty());
  CHECK(ScopesThatAllow(Method::kGet, RequestTarget::Of({"meetings", "1", "polls"})).empty());
  CHECK(ScopesThatAllow(Method::kGet, RequestTarget::Of({"users", "me", "meetings", "x"})).empty());
  CHECK_FALSE(IsKnownScope("meeting:write:poll"));
  CHECK_FALSE(IsKnownScope(""));
}

}  // namespace shodan::zoomapi
