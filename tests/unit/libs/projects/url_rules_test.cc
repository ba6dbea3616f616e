// SPDX-License-Identifier: Apache-2.0
#include "libs/projects/url_rules.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::projects {
namespace {

constexpr bool kHttpOnLoopback = true;
constexpr bool kHttpsOnly = false;

TEST_CASE("https URLs are allowed everywhere") {
  for (const char* url : {"https://zoom.us/oauth/token", "https://localhost:8443/oauth/callback",
                          "https://[::1]:8443/", "https://crm.example/settings?tab=zoom"}) {
    CAPTURE(url);
    CHECK(UrlProblem(url, kHttpsOnly).empty());
    CHECK(UrlProblem(url, kHttpOnLoopback).empty());
  }
}

TEST_CASE("Plain http is allowed on loopback hosts only, and only where that is allowed") {
  for (const char* url : {"http://localhost:9000/oauth/token", "http://127.0.0.1:9000/",
                          "http://127.8.8.8/", "http://[::1]:9000/"}) {
    CAPTURE(url);
    CHECK(UrlProblem(url, kHttpOnLoopback).empty());
    CHECK(UrlProblem(url, kHttpsOnly) == "must use https");
  }
  for (const char* url : {"http://zoom.us/", "http://127.0.0.1.example/",
                          "http://localhost.example/", "http://128.0.0.1/", "http://0.0.0.0/",
                          "http://[::ffff:8.8.8.8]/", "http://127.1/", "http://2130706433/"}) {
    CAPTURE(url);
    CHECK_FALSE(UrlProblem(url, kHttpOnLoopback).empty());
  }
}

TEST_CASE("What is not an absolute web URL with a host is refused") {
  for (const char* url :
       {"", "zoom.us/oauth", "/oauth", "//zoom.us/oauth", "ftp://zoom.us/", "javascript:alert(1)",
        "https:///oauth", "https://", "https://zoom.us/a b", "https://zoom.us:99999/",
        "https://zoom.us:0/", "https://zoom.us:/", "https://zoom.us/\n", "https://zo\"om.us/",
        "https://[v1.x]/", "https://zoom%2eus/"}) {
    CAPTURE(url);
    CHECK_FALSE(UrlProblem(url, kHttpOnLoopback).empty());
  }
}

TEST_CASE("User information and fragments are refused") {
  CHECK(UrlProblem("https://user:pw@zoom.us/", kHttpsOnly) ==
        "must not hold a user name or password");
  CHECK(UrlProblem("https://zoom.us@evil.example/", kHttpsOnly) ==
        "must not hold a user name or password");
  CHECK(UrlProblem("https://crm.example/#top", kHttpsOnly) == "must not hold a fragment");
}

TEST_CASE("A URL has at most 2048 bytes") {
  const std::string base = "https://zoom.us/";
  CHECK(UrlProblem(base + std::string(2048 - base.size(), 'a'), kHttpsOnly).empty());
  CHECK_FALSE(UrlProblem(base + std::string(2049 - base.size(), 'a'), kHttpsOnly).empty());
}

TEST_CASE("An origin is what a browser would send") {
  for (const char* origin : {"https://crm.example", "https://crm.example:8443",
                             "https://[::1]:8443", "http://localhost:3000"}) {
    CAPTURE(origin);
    CHECK(OriginProblem(origin, kHttpOnLoopback).empty());
  }
  for (const char* origin :
       {"https://crm.example/", "https://crm.example/app", "https://crm.example?",
        "https://CRM.example", "https://crm.example:443", "http://localhost:80",
        "https://crm.example:", "null", "*", "http://crm.example"}) {
    CAPTURE(origin);
    CHECK_FALSE(OriginProblem(origin, kHttpOnLoopback).empty());
  }
}

}  // namespace
}  // namespace shodan::projects
