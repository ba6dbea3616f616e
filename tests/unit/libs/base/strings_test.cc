// SPDX-License-Identifier: Apache-2.0
#include "libs/base/strings.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

TEST_CASE("Join concatenates texts of every kind") {
  const std::string owned = "b";
  CHECK(Join("a", owned, std::string_view("c")) == "abc");
  CHECK(Join().empty());
}

TEST_CASE("The two kinds of string view convert without loss of zero bytes") {
  const std::string_view text("a\0b", 3);
  CHECK(ToStd(ToAbsl(text)) == text);
}

}  // namespace
}  // namespace shodan
