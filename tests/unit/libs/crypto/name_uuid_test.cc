// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/name_uuid.h"

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"

namespace shodan {
namespace {

constexpr char kDns[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

TEST_CASE("A name's UUID is that of RFC 9562, appendix A.4") {
  CHECK(NameUuid(kDns, "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST_CASE("Every name and every namespace has a UUID of its own, of version 5") {
  const std::string uuid = NameUuid(kDns, "");
  CHECK(IsUuid(uuid));
  CHECK(uuid[14] == '5');
  CHECK(uuid != NameUuid(kDns, "a"));
  CHECK(uuid != NameUuid("6ba7b811-9dad-11d1-80b4-00c04fd430c8", ""));
  CHECK(uuid == NameUuid(kDns, ""));
}

}  // namespace
}  // namespace shodan
