// SPDX-License-Identifier: Apache-2.0
#include "libs/http/media_type.h"

#include <catch2/catch.hpp>

namespace shodan::http {
namespace {

TEST_CASE("IsMediaType ignores letter case and parameters other than the charset") {
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"", "application/json ; a=b"}) {
    CHECK(IsMediaType(type, "application/json"));
  }
}

TEST_CASE("IsMediaType refuses other types and other charsets") {
  for (const char* type :
       {"", "text/json", "application/jsonx", "application/json, text/plain",
        "application/json; charset=latin1", "application/json; x", "application/problem+json"}) {
    CHECK_FALSE(IsMediaType(type, "application/json"));
  }
}

}  // namespace
}  // namespace shodan::http
