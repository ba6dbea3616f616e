// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/random.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"

namespace shodan {
namespace {

TEST_CASE("Random bytes come in the size asked for and do not repeat") {
  CHECK(RandomBytes(0).empty());
  CHECK(RandomBytes(33).size() == 33);
  CHECK(RandomBytes(16) != RandomBytes(16));
  CHECK(RandomSecret(32).size() == 32);
}

TEST_CASE("A random token is base64url text of the bytes asked for") {
  const Secret token = RandomToken();
  CHECK(token.size() == 43);

  const auto bytes = Base64UrlDecode(token.Expose(SecretAccess::ForTest()));
  REQUIRE(bytes.has_value());
  CHECK(bytes->size() == 32);
}

TEST_CASE("Random UUIDs are canonical, of version 4 and variant 1, and differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = RandomUuid();
    CAPTURE(uuid);
    CHECK(IsUuid(uuid));
    CHECK(uuid[14] == '4');
    CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
    CHECK(seen.insert(uuid).second);
  }
}

TEST_CASE("Only the canonical lower-case form is a UUID") {
  CHECK(IsUuid("01234567-89ab-cdef-0123-456789abcdef"));
  for (const char* text :
       {"", "01234567-89AB-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef",
        "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0",
        "{1234567-89ab-cdef-0123-456789abcde}", "01234567-89ab-cdef-0123_456789abcdef",
        "g1234567-89ab-cdef-0123-456789abcdef"}) {
    CAPTURE(text);
    CHECK_FALSE(IsUuid(text));
  }
}

}  // namespace
}  // namespace shodan
