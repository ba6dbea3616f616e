// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

const std::string kLink = std::string(kProjectPath) + "/link";
const std::string kConnect = std::string(kProjectPath) + "/link:connect";

RequestText Post(const std::vector<std::string>& fields) {
  RequestText request{"POST", kConnect, fields, "{}"};
  request.fields.emplace_back("Content-Type: application/json");
  return request;
}

TEST_CASE("Without a session, with an ended one and with a foreign one nothing is told") {
  RunningGateway gateway;
  CHECK(ProblemOf(gateway.Get(kLink)) == "401 SESSION_REQUIRED");
  CHECK(gateway.Get(kLink).Field("www-authenticate") == "Bearer");
  CHECK(ProblemOf(gateway.Get(kLink, {"Authorization: Bearer " +
                                      gateway.Token("ann", "[]", -600)})) == "401 SESSION_EXPIRED");
  CHECK(ProblemOf(gateway.Get(kLink, {"Authorization: Bearer a.b.c"})) == "401 SESSION_INVALID");
  CHECK(ProblemOf(gateway.Get(kLink, {"Authorization: Basic YTpi"})) == "401 SESSION_REQUIRED");
  CHECK(
      ProblemOf(gateway.Get(kLink, {"Cookie: __Host-shodan-session=x; __Host-shodan-session=y"})) ==
      "401 SESSION_REQUIRED");
  CHECK(ProblemOf(gateway.Get("/v1/projects/other/link",
                              {"Authorization: Bearer " + gateway.Token("ann")})) ==
        "404 PROJECT_NOT_FOUND");
  CHECK(ProblemOf(gateway.Get("/v1/projects/Demo/link")) == "400 INVALID_FIELD projectId");
  CHECK(gateway.backends().CountCalls("GetLink") == 0);
}

TEST_CASE("Identity headers that a proxy might set mean nothing here") {
  RunningGateway gateway;
  for (const char* field : {"X-User-Id: ann", "X-Forwarded-User: ann", "X-Auth-Request-User: ann",
                            "X-Forwarded-Uri: /v1/openapi.json", "X-Original-URL: /v1/openapi.json",
                            "User-Agent: kube-probe/1.20", "User-Agent: GoogleHC/1.0"}) {
    CHECK(ProblemOf(gateway.Get(kLink, {field})) == "401 SESSION_REQUIRED");
  }
}

TEST_CASE("Under the cookie an unsafe method needs an origin of the project, a safe one does not") {
  RunningGateway gateway;
  const std::string cookie = "Cookie: __Host-shodan-session=" + gateway.Token("ann");
  CHECK(gateway.Get(kLink, {cookie}).status == 200);
  CHECK(ProblemOf(gateway.Send(Post({cookie}))) == "403 ORIGIN_NOT_ALLOWED");
  CHECK(ProblemOf(gateway.Send(Post({cookie, "Origin: https://evil.example"}))) ==
        "403 ORIGIN_NOT_ALLOWED");
  CHECK(ProblemOf(gateway.Send(Post({cookie, "Origin: null"}))) == "403 ORIGIN_NOT_ALLOWED");
  CHECK(gateway.backends().CountCalls("StartAuthorization") == 0);
  CHECK(gateway.Send(Post({cookie, "Origin: https://localhost:8443"})).status == 200);
  CHECK(gateway.Send(Post({cookie, "Origin: https://crm.example"})).status == 200);
  CHECK(gateway.Send(Post({cookie, "Origin: null", "Sec-Fetch-Site: same-origin"})).status == 200);
}

TEST_CASE("A bearer token needs no origin: no page can make a browser send it") {
  RunningGateway gateway;
  CHECK(gateway.Send(Post({"Authorization: Bearer " + gateway.Token("ann")})).status == 200);
}

TEST_CASE("Pages of the project's origins may read answers, others may not") {
  RunningGateway gateway;
  const std::string bearer = "Authorization: Bearer " + gateway.Token("ann");
  const auto allowed = gateway.Get(kLink, {bearer, "Origin: https://crm.example"});
  CHECK(allowed.Field("access-control-allow-origin") == "https://crm.example");
  CHECK(allowed.Field("access-control-allow-credentials") == "true");
  CHECK(allowed.Field("vary") == "Origin");
  const auto refused = gateway.Get(kLink, {bearer, "Origin: https://evil.example"});
  CHECK(refused.Field("access-control-allow-origin").empty());
  CHECK(gateway.Get(kLink, {"Origin: https://crm.example"}).Field("access-control-allow-origin") ==
        "https://crm.example");
}

TEST_CASE("A preflight is answered for the project's origins only") {
  RunningGateway gateway;
  const auto preflight = [&](const std::string& origin) {
    return gateway.Send(
        {"OPTIONS", kConnect, {"Origin: " + origin, "Access-Control-Request-Method: POST"}, ""});
  };
  const auto allowed = preflight("https://crm.example");
  CHECK(allowed.status == 204);
  CHECK(allowed.Field("access-control-allow-origin") == "https://crm.example");
  CHECK(allowed.Field("access-control-allow-methods") == "POST");
  CHECK(allowed.Field("access-control-allow-headers") ==
        "Authorization, Content-Type, Idempotency-Key");
  const auto refused = preflight("https://evil.example");
  CHECK(ProblemOf(refused) == "403 ORIGIN_NOT_ALLOWED");
  CHECK(refused.Field("access-control-allow-origin").empty());
  CHECK(gateway.Send({"OPTIONS", "/app/", {}, ""}).Field("allow") == "GET, HEAD");
  CHECK(ProblemOf(gateway.Send({"OPTIONS", "/none", {}, ""})) == "404 NOT_FOUND");
}

TEST_CASE("A demo user signs in on the page and is then known by the cookie") {
  RunningGateway gateway;
  const auto page = gateway.Get("/dev/login?return_to=/app/companies", {"Accept: text/html"});
  CHECK(page.status == 200);
  CHECK(page.body.find("Ann Example") != std::string::npos);
  CHECK(page.body.find("value=\"/app/companies\"") != std::string::npos);
  CHECK(page.Field("referrer-policy") == "same-origin");

  RequestText sign_in{"POST",
                      "/dev/session",
                      {"Content-Type: application/x-www-form-urlencoded"},
                      "userId=ann&return_to=%2Fapp%2Fcompanies"};
  CHECK(ProblemOf(gateway.Send(sign_in)) == "403 ORIGIN_NOT_ALLOWED");
  sign_in.fields.push_back(std::string("Origin: ") + kOrigin);
  const auto signed_in = gateway.Send(sign_in);
  CHECK(signed_in.status == 303);
  CHECK(signed_in.Field("location") == "/app/companies");
  CHECK(signed_in.Field("set-cookie")
            .find("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200") != std::string::npos);
  const std::string cookie =
      "Cookie: __Host-shodan-session=" + signed_in.Cookie("__Host-shodan-session").value_or("");
  const auto session = JsonOf(gateway.Get(std::string(kProjectPath) + "/session", {cookie}));
  CHECK(session.at("displayName") == "Ann Example");
  CHECK(session.at("roles").at(0) == "admin");

  const auto signed_out = gateway.Send({"POST",
                                        "/dev/logout",
                                        {"Content-Type: application/x-www-form-urlencoded",
                                         "Origin: null", "Sec-Fetch-Site: same-origin", cookie},
                                        "return_to=%2Fapp%2F"});
  CHECK(signed_out.status == 303);
  CHECK(signed_out.Cookie("__Host-shodan-session") == "");
}

TEST_CASE("Signing in takes JSON too, knows only demo users and leads nowhere else") {
  RunningGateway gateway;
  const auto sign_in = [&](const std::string& body) {
    return gateway.Send({"POST",
                         "/dev/session",
                         {"Content-Type: application/json", std::string("Origin: ") + kOrigin},
                         body});
  };
  CHECK(sign_in(R"({"userId":"bob","return_to":"https://evil.example"})").Field("location") ==
        "/app/");
  CHECK(ProblemOf(sign_in(R"({"userId":"mallory"})")) == "400 INVALID_FIELD userId");
  CHECK(ProblemOf(sign_in("{}")) == "400 INVALID_FIELD userId");
  CHECK(ProblemOf(sign_in(R"({"userId":1,"x":2})")) == "400 INVALID_FIELD userId,x");
}

TEST_CASE("Without a development issuer its pages do not exist") {
  RunningGateway gateway([](Config& config) { config.development_issuer.reset(); });
  CHECK(ProblemOf(gateway.Get("/dev/login")) == "404 NOT_FOUND");
  CHECK(ProblemOf(gateway.Send(
            {"POST", "/dev/session", {std::string("Origin: ") + kOrigin}, "userId=ann"})) ==
        "404 NOT_FOUND");
}

}  // namespace
}  // namespace shodan::gateway
