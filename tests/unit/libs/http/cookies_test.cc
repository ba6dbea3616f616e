// SPDX-License-Identifier: Apache-2.0
#include "libs/http/cookies.h"

#include <string>

#include <catch2/catch.hpp>

namespace shodan::http {
namespace {

TEST_CASE("FindCookie finds a cookie among others, however odd they are") {
  CHECK(FindCookie("__Host-a=1", "__Host-a") == "1");
  CHECK(FindCookie("x=\xC3\xA9 \"; ; =; __Host-a=b=c; y", "__Host-a") == "b=c");
  CHECK(FindCookie("__Host-a=", "__Host-a") == "");
}

TEST_CASE("FindCookie takes no cookie of a similar name") {
  for (const char* field :
       {"", "__Host-ab=1", "a__Host-a=1", "__host-a=1", "__Host-a", "b=__Host-a=1"}) {
    CHECK_FALSE(FindCookie(field, "__Host-a").has_value());
  }
}

TEST_CASE("FindCookie refuses a cookie that occurs twice or holds characters a cookie may not") {
  for (const char* field : {"__Host-a=1; __Host-a=2", "__Host-a=1; __Host-a=1", "__Host-a=a b",
                            "__Host-a=\"a\"", "__Host-a=a,b", "__Host-a=\xC3\xA9"}) {
    CHECK_FALSE(FindCookie(field, "__Host-a").has_value());
  }
}

TEST_CASE("HostCookie writes what the prefix demands") {
  CHECK(HostCookie("__Host-shodan-session", "abc.def", std::chrono::hours(12)) ==
        "__Host-shodan-session=abc.def; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200");
  CHECK(ExpiredHostCookie("__Host-a") ==
        "__Host-a=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_CASE("HostCookie refuses names and values that would break out") {
  CHECK(HostCookie("session", "a", std::chrono::seconds(1)).empty());
  CHECK(HostCookie("__Host-a;b", "a", std::chrono::seconds(1)).empty());
  CHECK(HostCookie("__Host-a", "a; Domain=evil", std::chrono::seconds(1)).empty());
  CHECK(HostCookie("__Host-a", "a\r\nX: y", std::chrono::seconds(1)).empty());
  CHECK(HostCookie("__Host-a", std::string(5000, 'a'), std::chrono::seconds(1)).empty());
}

}  // namespace
}  // namespace shodan::http
