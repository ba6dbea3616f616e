// SPDX-License-Identifier: Apache-2.0
#include "libs/http/route_table.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"

namespace shodan::http {
namespace {

RouteTable Table() {
  Route calls;
  calls.path = "/v1/projects/{project}/calls";
  Route create = calls;
  create.method = Method::kPost;
  Route call;
  call.path = "/v1/projects/{project}/calls/{call}";
  Route remove = call;
  remove.method = Method::kDelete;
  Route admin;
  admin.method = Method::kPost;
  admin.path = "/v1/projects/{project}/users/{user}/link:disconnect";
  Route files;
  files.path = "/app/{path...}";
  Route forward;
  forward.path = "/zoom/{path...}";
  forward.answer_bytes_max = 1;
  Route registrant;
  registrant.path = "/meetings/{meeting}/registrants/{registrant}";
  Route credential;
  credential.path = "/credentials/{credential}/of/{integration}";
  Route key;
  key.path = "/keys/{installKey}/workflows/{workflow}";
  return RouteTable(
      {calls, create, call, remove, admin, files, forward, registrant, credential, key});
}

RouteMatch Match(Method method, const std::string& target) {
  static const RouteTable table = Table();
  return table.Match(method, *ParseTarget(target));
}

constexpr const char* kCall = "/v1/projects/demo/calls/0a1b2c3d-0000-4000-8000-0123456789ab";

TEST_CASE("RouteTable matches literal and typed segments exactly") {
  const RouteMatch match = Match(Method::kDelete, kCall);

  REQUIRE(match.status.ok());
  CHECK(match.index == 3);
  CHECK(match.parameters.at("project") == "demo");
  CHECK(match.parameters.at("call") == "0a1b2c3d-0000-4000-8000-0123456789ab");
}

TEST_CASE("RouteTable answers HEAD by the route of GET") {
  CHECK(Match(Method::kHead, "/v1/projects/demo/calls").index == 0);
}

TEST_CASE("RouteTable tells an unknown path from a method that is not offered") {
  CHECK(ReasonOf(Match(Method::kGet, "/v1/projects/demo/call").status) == "NOT_FOUND");
  CHECK(ReasonOf(Match(Method::kGet, "/v1/projects/demo/calls/").status) == "INVALID_FIELD");
  CHECK(ReasonOf(Match(Method::kGet, "/v1/projects/demo/calls/a/b").status) == "NOT_FOUND");
  CHECK(ReasonOf(Match(Method::kGet, "/V1/projects/demo/calls").status) == "NOT_FOUND");
  const RouteMatch match = Match(Method::kPatch, kCall);
  CHECK(ReasonOf(match.status) == "METHOD_NOT_ALLOWED");
  CHECK(match.allow == "GET, HEAD, DELETE");
  CHECK(match.parameters.at("project") == "demo");
}

TEST_CASE("RouteTable names parameters of the path that have the wrong form") {
  for (const auto& [target, field] :
       {std::pair("/v1/projects/Demo/calls", "projectId"),
        std::pair("/v1/projects/a%2Fb/calls", "projectId"),
        std::pair("/v1/projects/demo/calls/x", "callId"),
        std::pair("/meetings/12a/registrants/a", "meetingId"),
        std::pair("/meetings/12345678901234567890/registrants/a", "meetingId"),
        std::pair("/meetings/1/registrants/a%2Fb", "registrantId"),
        std::pair("/v1/projects/demo/calls/0A1B2C3D-0000-4000-8000-0123456789AB", "callId")}) {
    const auto fields = FieldsOf(Match(Method::kGet, target).status);
    REQUIRE(fields.size() == 1);
    CHECK(fields[0].field == field);
  }
}

TEST_CASE("RouteTable takes any text as a user id, also one with slashes") {
  const RouteMatch match =
      Match(Method::kPost, "/v1/projects/demo/users/auth0%7Ca%2Fb/link:disconnect");

  REQUIRE(match.status.ok());
  CHECK(match.parameters.at("user") == "auth0|a/b");
  CHECK_FALSE(
      Match(Method::kPost, "/v1/projects/demo/users/" + std::string(256, 'a') + "/link:disconnect")
          .status.ok());
}

TEST_CASE("RouteTable hands the rest of a path over without letting an escape make a slash") {
  CHECK(Match(Method::kGet, "/app/").parameters.at("path").empty());
  CHECK(Match(Method::kGet, "/app/assets/app.mjs").parameters.at("path") == "assets/app.mjs");
  CHECK(ReasonOf(Match(Method::kGet, "/app/assets%2Fapp.mjs").status) == "NOT_FOUND");
  CHECK(ReasonOf(Match(Method::kGet, "/app").status) == "NOT_FOUND");
}

TEST_CASE("RouteTable hands the rest of a streamed route's path over as it came") {
  CHECK(Match(Method::kGet, "/zoom/users/me").parameters.at("path") == "users/me");
  CHECK(
      Match(Method::kGet, "/zoom/past_meetings/%2Fa%2F%2Fb%3D%3D/x?y=%20").parameters.at("path") ==
      "past_meetings/%2Fa%2F%2Fb%3D%3D/x");
  CHECK(Match(Method::kGet, "/zoom/").parameters.at("path").empty());
  CHECK(ReasonOf(Match(Method::kGet, "/zoom").status) == "NOT_FOUND");
}

TEST_CASE("RouteTable takes Zoom's ids of meetings and registrants") {
  const RouteMatch match = Match(Method::kGet, "/meetings/9999999999999999999/registrants/a-B_1+=");

  REQUIRE(match.status.ok());
  CHECK(match.parameters.at("meeting") == "9999999999999999999");
  CHECK(match.parameters.at("registrant") == "a-B_1+=");
}

TEST_CASE("RouteTable takes ids of credentials, keys of installs and ids of workflows") {
  const std::string uuid = "0a1b2c3d-0000-4000-8000-0123456789ab";
  CHECK(Match(Method::kGet, "/credentials/" + uuid + "/of/" + uuid).status.ok());
  CHECK(FieldsOf(Match(Method::kGet, "/credentials/x/of/y").status).size() == 2);
  CHECK(Match(Method::kGet, "/keys/k0Z/workflows/a-b_C").status.ok());
  CHECK(Match(Method::kGet, "/keys/" + std::string(64, 'k') + "/workflows/" + std::string(128, 'w'))
            .status.ok());
  for (const std::string& path :
       {std::string("/keys/a-b/workflows/w"), "/keys/" + std::string(65, 'k') + "/workflows/w",
        std::string("/keys/k/workflows/a%20b"), "/keys/k/workflows/" + std::string(129, 'w')}) {
    INFO(path);
    CHECK(FieldsOf(Match(Method::kGet, path).status).size() == 1);
  }
}

}  // namespace
}  // namespace shodan::http
