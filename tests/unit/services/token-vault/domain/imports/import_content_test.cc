// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/imports/import_content.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"

namespace shodan::tokenvault {
namespace {

using testing::IsError;

absl::StatusOr<Secret> Read(const std::string& content) {
  return ReadImportContent(Secret(content), "hanako");
}

TEST_CASE("the refresh token of the named user is read, and nothing else is needed") {
  for (const std::string content :
       {R"({"userId":"hanako","refreshToken":"RT"})",
        R"( {"refreshToken":"RT","accessToken":"AT","expireTime":"2026-11-22T10:00:00Z",)"
        R"("userId":"hanako"} )"}) {
    const auto token = Read(content);
    REQUIRE(token.ok());
    CHECK(token->Expose(SecretAccess::ForTest()) == "RT");
  }
}

TEST_CASE("what was encrypted is refused by the name of its bad field, never by its value") {
  const std::string secret = "s3cr3t";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "envelope"},
      {"s3cr3t", "envelope"},
      {R"(["s3cr3t"])", "envelope"},
      {R"({"userId":"hanako","refreshToken":"s3cr3t"}x)", "envelope"},
      {R"({"userId":"hanako","refreshToken":"s3cr3t","s3cr3t":1})", "envelope"},
      {R"({"userId":"s3cr3t","refreshToken":"s3cr3t"})", "userId"},
      {R"({"userId":1,"refreshToken":"s3cr3t"})", "userId"},
      {R"({"refreshToken":"s3cr3t"})", "userId"},
      {R"({"userId":"hanako"})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":""})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":"s3 cr3t"})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":"s3cr3t\n"})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":null})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":")" + std::string(4097, 'x') + R"("})", "refreshToken"},
      {R"({"userId":"hanako","refreshToken":"s3cr3t","accessToken":7})", "accessToken"},
      {R"({"userId":"hanako","refreshToken":"s3cr3t","expireTime":7})", "expireTime"},
  };
  for (const auto& [content, field] : bad) {
    INFO(content.substr(0, 80));
    const auto token = Read(content);
    CHECK_THAT(token, IsError(absl::StatusCode::kInvalidArgument, "IMPORT_CONTENT_INVALID"));
    CHECK(MetadataOf(token.status()) == ErrorMetadata{{"field", field}});
    CHECK(token.status().ToString().find(secret) == std::string::npos);
  }
}

}  // namespace
}  // namespace shodan::tokenvault
