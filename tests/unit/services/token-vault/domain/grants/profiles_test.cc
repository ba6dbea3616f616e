// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/profiles.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan::tokenvault {
namespace {

using Scopes = std::vector<std::string>;

TEST_CASE("Scopes that were not granted are missing, sorted") {
  CHECK(MissingScopes({}, {}).empty());
  CHECK(MissingScopes({}, {"a"}).empty());
  CHECK(MissingScopes({"b", "a"}, {}) == Scopes{"a", "b"});
  CHECK(MissingScopes({"user:read:user", "phone:read:call"}, {"user:read:user"}) ==
        Scopes{"phone:read:call"});
  CHECK(MissingScopes({"user:read:user"}, {"phone:read:call", "user:read:user"}).empty());
}

TEST_CASE("A scope counts for its admin form and the other way round") {
  CHECK(MissingScopes({"user:read:user"}, {"user:read:user:admin"}).empty());
  CHECK(MissingScopes({"user:read:user:admin"}, {"user:read:user"}).empty());
  CHECK(MissingScopes({"user:read"}, {"user:read:admin"}).empty());
}

TEST_CASE("Scopes that only look alike do not count for each other") {
  CHECK(MissingScopes({"user:read"}, {"user:read:user"}) == Scopes{"user:read"});
  CHECK(MissingScopes({"user:read:user"}, {"user:read"}) == Scopes{"user:read:user"});
  CHECK(MissingScopes({"user:read:user"}, {"user:read:user:master"}) == Scopes{"user:read:user"});
  CHECK(MissingScopes({"user:read:user"}, {"User:Read:User"}) == Scopes{"user:read:user"});
  CHECK(MissingScopes({"a:admin"}, {"a:admin:admin"}) == Scopes{"a:admin"});
}

}  // namespace
}  // namespace shodan::tokenvault
