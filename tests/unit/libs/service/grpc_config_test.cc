// SPDX-License-Identifier: Apache-2.0
#include "libs/service/grpc_config.h"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::service {
namespace {

using testing::IsOk;
using testing::TemporaryDirectory;

constexpr char kPolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{"/p.S/M":[)"
                           R"({"identity":"ns/shodan/sa/gateway","mode":"service"}]}})";
// RFC 8037 appendix A.2.
constexpr char kKeys[] =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

std::string ConfigText(const std::string& pem, const std::string& policy, const std::string& keys) {
  return R"({"grpc":{"listen":"127.0.0.1:0","certificate_file":")" + pem +
         R"(","private_key_file":")" + pem + R"(","ca_file":")" + pem + R"("},"policy_file":")" +
         policy + R"(","assertion_keys_file":")" + keys + "\"}";
}

std::pair<GrpcConfig, std::vector<std::string>> ReadText(const std::string& text) {
  absl::StatusOr<ConfigReader> reader = ConfigReader::FromText(text);
  REQUIRE_THAT(reader, IsOk());
  GrpcConfig config = ReadGrpcConfig(*reader);
  std::vector<std::string> fields;
  for (const FieldViolation& field : FieldsOf(reader->Finish())) fields.push_back(field.field);
  return {std::move(config), std::move(fields)};
}

TEST_CASE("Policy and assertion keys are parsed with the configuration") {
  const TemporaryDirectory directory;
  const std::string pem = directory.Write("a.pem", "PEM");

  const auto [config, problems] = ReadText(ConfigText(pem, directory.Write("policy.json", kPolicy),
                                                      directory.Write("keys.json", kKeys)));

  CHECK(problems.empty());
  CHECK(config.listen == "127.0.0.1:0");
  CHECK(config.tls.private_key_file == pem);
  REQUIRE(config.policy.has_value());
  CHECK(config.policy->Lists("/p.S/M"));
  REQUIRE(config.assertion_keys.has_value());
  CHECK(config.assertion_keys->HasKey("k"));
}

TEST_CASE("Files that are missing or do not parse are problems of their keys") {
  const TemporaryDirectory directory;

  const auto [config, problems] =
      ReadText(ConfigText("/nonexistent.pem", directory.Write("policy.json", "{}"),
                          directory.Write("keys.json", "[]")));

  CHECK(problems == std::vector<std::string>{"grpc.certificate_file", "grpc.private_key_file",
                                             "grpc.ca_file", "policy_file", "assertion_keys_file"});
  CHECK_FALSE(config.policy.has_value());
  CHECK_FALSE(config.assertion_keys.has_value());
}

}  // namespace
}  // namespace shodan::service
