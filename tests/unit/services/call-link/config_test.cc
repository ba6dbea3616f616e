// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/config.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "libs/service/program.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::calllink {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::TemporaryDirectory;

constexpr char kPolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{}})";
constexpr char kKeys[] =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

std::string ConfigText(const TemporaryDirectory& directory, const std::string& more = "") {
  const std::string pem = directory.Write("tls.pem", "PEM");
  return R"({"grpc":{"listen":"127.0.0.1:0","certificate_file":")" + pem +
         R"(","private_key_file":")" + pem + R"(","ca_file":")" + pem +
         R"("},"admin":{"listen":"127.0.0.1:0"},"policy_file":")" +
         directory.Write("policy.json", kPolicy) + R"(","assertion_keys_file":")" +
         directory.Write("keys.json", kKeys) + "\"" + more + "}";
}

absl::StatusOr<Config> Load(const std::string& text) {
  absl::StatusOr<ConfigReader> reader = ConfigReader::FromText(text);
  REQUIRE_THAT(reader, IsOk());
  return service::LoadConfig(*std::move(reader), ReadConfig);
}

TEST_CASE("call-link needs the common keys and nothing else") {
  const TemporaryDirectory directory;

  const auto config = Load(ConfigText(directory));

  REQUIRE_THAT(config, IsOk());
  CHECK_FALSE(config->common.development());
  CHECK(config->common.admin_listen == "127.0.0.1:0");
  CHECK(config->grpc.listen == "127.0.0.1:0");
  CHECK(config->grpc.policy.has_value());
  CHECK(config->grpc.assertion_keys.has_value());
}

TEST_CASE("call-link refuses a database: it keeps nothing") {
  const TemporaryDirectory directory;

  const auto config = Load(ConfigText(directory, R"(,"database":{"host":"/tmp"})"));

  REQUIRE_THAT(config, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(FieldsOf(config.status()).front().field == "database");
}

TEST_CASE("The description of the configuration shows every key") {
  const TemporaryDirectory directory;
  const auto config = Load(ConfigText(directory, R"(,"port_file":"/run/ports.json")"));
  REQUIRE_THAT(config, IsOk());

  const boost::json::object description = DescribeConfig(*config);

  for (const char* const key : {"environment", "log_level", "admin", "port_file", "crash_points",
                                "grpc", "policy_file", "assertion_keys_file"}) {
    CHECK(description.contains(key));
  }
  CHECK(description.at("environment") == "production");
  CHECK(description.at("port_file") == "/run/ports.json");
}

}  // namespace
}  // namespace shodan::calllink
