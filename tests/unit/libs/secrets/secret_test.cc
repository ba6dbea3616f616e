// SPDX-License-Identifier: Apache-2.0
#include "libs/secrets/secret.h"

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(Printable<std::string>);
static_assert(!Printable<Secret>);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!std::convertible_to<std::string, Secret>);
static_assert(!std::copy_constructible<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

std::string Read(const Secret& secret) {
  return std::string(secret.Expose(SecretAccess::ForTest()));
}

TEST_CASE("A secret gives back its bytes to whoever names a reason") {
  const std::string bytes("to\0ken", 6);
  const Secret secret(bytes);

  CHECK(Read(secret) == bytes);
  CHECK(secret.size() == 6);
  CHECK_FALSE(secret.empty());
}

TEST_CASE("Take leaves the source empty and its memory wiped") {
  std::string source = "a token that is longer than the small buffer of a string";
  const char* const memory = source.data();
  const size_t size = source.size();

  const Secret secret = Secret::Take(std::move(source));

  CHECK(secret.size() == size);
  CHECK(source.empty());
  REQUIRE(source.data() == memory);
  source.resize(source.capacity());
  CHECK(source.find('t') == std::string::npos);
}

TEST_CASE("Moving empties the source and keeps the bytes") {
  Secret first("one");
  Secret second(std::move(first));
  CHECK(Read(second) == "one");
  CHECK(first.empty());

  Secret third("three");
  third = std::move(second);
  CHECK(Read(third) == "one");
  CHECK(second.empty());
}

TEST_CASE("Moving a secret onto itself keeps it") {
  Secret secret("one");
  Secret& same = secret;

  secret = std::move(same);

  CHECK(Read(secret) == "one");
}

TEST_CASE("A copy is made by Clone alone and is independent") {
  Secret original("one");
  const Secret copy = original.Clone();
  original = Secret("two");

  CHECK(Read(copy) == "one");
}

TEST_CASE("Secrets are equal when their bytes are") {
  CHECK(Secret("token") == Secret("token"));
  CHECK_FALSE(Secret("token") == Secret("tokem"));
  CHECK_FALSE(Secret("token") == Secret("token2"));
  CHECK(Secret() == Secret(""));
}

TEST_CASE("WipeString clears the whole capacity, also what an earlier longer text left") {
  std::string text = "a long secret text that does not fit the small buffer";
  text.resize(20);

  WipeString(text);

  CHECK(text.empty());
  text.resize(text.capacity());
  CHECK(text.find_first_not_of('\0') == std::string::npos);
}

}  // namespace
}  // namespace shodan
