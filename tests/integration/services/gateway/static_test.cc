// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

TEST_CASE("The root leads to the application, which is served with a strict policy") {
  RunningGateway gateway;
  const auto root = gateway.Get("/");
  CHECK(root.status == 302);
  CHECK(root.Field("location") == "/app/");
  for (const char* view : {"/app/", "/app/companies/acme", "/app/settings/integrations"}) {
    const auto page = gateway.Get(view);
    CHECK(page.status == 200);
    CHECK(page.Field("content-type") == "text/html; charset=utf-8");
    CHECK(page.Field("content-security-policy").find("default-src 'none'; script-src 'self'") == 0);
    CHECK(page.Field("cross-origin-opener-policy") == "same-origin-allow-popups");
  }
}

TEST_CASE("Components and styles are served, and a copy that fits is not sent again") {
  RunningGateway gateway;
  const auto module = gateway.Get("/components/index.mjs");
  CHECK(module.status == 200);
  CHECK(module.Field("content-type") == "text/javascript; charset=utf-8");
  const auto again =
      gateway.Get("/components/index.mjs", {"If-None-Match: " + module.Field("etag")});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(gateway.Get("/pages/style.css").Field("content-type") == "text/css; charset=utf-8");
}

TEST_CASE("No path leads out of the map of files") {
  RunningGateway gateway;
  for (const char* path : {"/components/..%2f..%2fconfig.cc", "/components/%2e%2e%2fapp/index.html",
                           "/app/assets/..%2f..%2fx", "/components/none.mjs", "/components/",
                           "/etc/passwd", "/.git/config"}) {
    CHECK(gateway.Get(path).status == 404);
  }
}

TEST_CASE("The OpenAPI document is served") {
  RunningGateway gateway;
  const auto response = gateway.Get("/v1/openapi.json");
  CHECK(response.status == 200);
  CHECK(JsonOf(response).at("openapi") == "3.1.0");
}

TEST_CASE("Every answer carries the security headers, also errors and redirects") {
  RunningGateway gateway;
  for (const char* target :
       {"/", "/app/", "/components/index.mjs", "/v1/openapi.json", "/dev/login", "/connect",
        "/oauth/callback", "/v1/projects/demo/link", "/none", "/pages/style.css"}) {
    INFO(target);
    const auto response = gateway.Get(target);
    for (const char* name :
         {"content-security-policy", "strict-transport-security", "x-content-type-options",
          "referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
          "permissions-policy", "cache-control", "x-request-id"}) {
      INFO(name);
      CHECK_FALSE(response.Field(name).empty());
    }
    CHECK(response.Field("content-security-policy").find("frame-ancestors 'none'") !=
          std::string::npos);
    CHECK(response.Field("server").empty());
  }
}

TEST_CASE("A browser that opens a wrong address gets a page, a program a problem document") {
  RunningGateway gateway;
  const auto page = gateway.Get("/none?x=<", {"Accept: text/html,*/*"});
  CHECK(page.status == 400);
  const auto missing = gateway.Get("/none", {"Accept: text/html,*/*"});
  CHECK(missing.status == 404);
  CHECK(missing.Field("content-type") == "text/html; charset=utf-8");
  CHECK(ProblemOf(gateway.Get("/none")) == "404 NOT_FOUND");
  CHECK(ProblemOf(gateway.Get("/v1/none", {"Accept: text/html"})) == "404 NOT_FOUND");
}

}  // namespace
}  // namespace shodan::gateway
