// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/user_metadata.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;

std::string Patched(const std::string& kept, const std::string& patch) {
  const absl::StatusOr<std::string> outcome = PatchMetadata(kept, patch);
  return outcome.ok() ? *outcome : ReasonOf(outcome.status());
}

std::string ProblemOf(const std::string& kept, const std::string& patch) {
  const absl::StatusOr<std::string> outcome = PatchMetadata(kept, patch);
  REQUIRE_THAT(outcome, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  const auto fields = FieldsOf(outcome.status());
  REQUIRE(fields.size() == 1);
  CHECK(fields[0].field == "metadata");
  return fields[0].reason;
}

// An object whose text has exactly this many bytes.
std::string ObjectOf(size_t bytes) { return R"({"a":")" + std::string(bytes - 8, 'x') + R"("})"; }

}  // namespace

TEST_CASE("a patch sets its members and keeps the others", "[account-link][metadata]") {
  CHECK(Patched("{}", "{}") == "{}");
  CHECK(Patched("{}", R"({"Name":"Ann","n":9007199254740993})") ==
        R"({"Name":"Ann","n":9007199254740993})");
  CHECK(Patched(R"({"a":1,"b":2})", R"({"b":{"c":[]}})") == R"({"a":1,"b":{"c":[]}})");
}

TEST_CASE("null removes a member of the first level, and is a value below it",
          "[account-link][metadata]") {
  CHECK(Patched(R"({"a":1,"b":2})", R"({"a":null,"z":null})") == R"({"b":2})");
  CHECK(Patched("{}", R"({"a":{"b":null}})") == R"({"a":{"b":null}})");
}

TEST_CASE("a patch that is no small JSON object is refused", "[account-link][metadata]") {
  std::string deep = "{\"a\":";
  for (size_t i = 0; i < kMaxMetadataDepth; ++i) deep += '[';
  for (size_t i = 0; i < kMaxMetadataDepth; ++i) deep += ']';
  for (const std::string& patch :
       {std::string(), std::string("[]"), std::string("null"), std::string("{"),
        std::string("{\"a\":1}x"), std::string("{\"a\":\"\xFF\"}"), deep + "}"}) {
    INFO(patch);
    CHECK(ProblemOf("{}", patch) == "MALFORMED");
  }
  CHECK(ProblemOf("{}", ObjectOf(kMaxMetadataBytes + 1)) == "TOO_LONG");
}

TEST_CASE("all that is kept has 16 KiB at most; removing members makes room",
          "[account-link][metadata]") {
  const std::string full = ObjectOf(kMaxMetadataBytes);
  CHECK(Patched("{}", full) == full);
  CHECK(ProblemOf(full, R"({"b":1})") == "TOO_LONG");
  CHECK(Patched(full, R"({"a":null,"b":1})") == R"({"b":1})");
}

}  // namespace shodan::account_link
