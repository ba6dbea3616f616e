// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/config.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/strings.h"

namespace shodan::zoomapi {
namespace {

// What is wrong with a configuration that has these sections beside what other programs have too,
// which are tested where they are read.
std::string ProblemsOf(const std::string& sections, Config& config) {
  ConfigReader reader =
      *ConfigReader::FromText("{\"environment\":\"production\"," + sections + "}");
  config = ReadConfig(reader);
  return std::string(ToStd(reader.Finish().message()));
}

constexpr char kVault[] = R"("vault":{"target":"vault:9200","ca_file":"/ca.pem"})";

bool Names(const std::string& problems, const std::string& key) {
  return problems.find(key) != std::string::npos;
}

}  // namespace

TEST_CASE("everything of zoom-api's own has a default but the vault", "[zoom-api][config]") {
  Config config;
  const std::string problems = ProblemsOf(kVault, config);
  for (const char* key :
       {"zoom", "limits", "intents", "rate_limits", "threads", "redis", "vault"}) {
    INFO(key << " in " << problems);
    CHECK_FALSE(Names(problems, key));
  }
  CHECK_FALSE(config.redis.has_value());
  CHECK(config.sending.answer_bytes_max == 100 << 20);
  CHECK(config.limits.body_bytes == 20 << 20);
  CHECK(config.intents.retention == std::chrono::hours(24));
  CHECK_FALSE(config.sending.allow_loopback);
  Config without_vault;
  const std::string missing = ProblemsOf("\"threads\":1", without_vault);
  CHECK(Names(missing, "vault.target"));
  CHECK(Names(missing, "vault.ca_file"));
}

TEST_CASE("production refuses Zoom on a loopback address", "[zoom-api][config]") {
  Config config;
  const std::string allow = std::string(kVault) + R"(,"zoom":{"allow_loopback_http":true})";
  CHECK(Names(ProblemsOf(allow, config), "zoom.allow_loopback_http"));
}

TEST_CASE("values out of bounds and unknown keys are named", "[zoom-api][config]") {
  Config config;
  const std::string problems = ProblemsOf(
      std::string(R"("vault":{"target":"vault","ca_file":"c"},"threads":0,)") +
          R"("limits":{"body_bytes":1,"in_flight":0,"in_flight_per_user":-1,"answer_bytes":0},)" +
          R"("zoom":{"timeout_ms":1,"patience_ms":1,"stall_timeout_ms":0,"proxy":"x"},)" +
          R"("intents":{"retention_s":60,"sweep_interval_ms":1})",
      config);
  for (const char* key : {"vault.target", "threads", "limits.body_bytes", "limits.in_flight",
                          "limits.in_flight_per_user", "limits.answer_bytes", "zoom.timeout_ms",
                          "zoom.patience_ms", "zoom.stall_timeout_ms", "zoom.proxy",
                          "intents.retention_s", "intents.sweep_interval_ms"}) {
    INFO(key << " in " << problems);
    CHECK(Names(problems, key));
  }
}

TEST_CASE("the description shows what was read and hides secrets", "[zoom-api][config]") {
  Config config;
  ProblemsOf(std::string(kVault) + R"(,"redis":{"host":"r","tls":{"ca_file":"/redis.pem"}},)" +
                 R"("zoom":{"timeout_ms":5000},"limits":{"in_flight_per_user":3})",
             config);
  config.redis->password = Secret("hunter2");
  const boost::json::object shown = DescribeConfig(config);
  CHECK(shown.at("redis") ==
        boost::json::parse(R"({"host":"r","port":6379,"username":"",)"
                           R"("password_file":"[redacted]","tls":{"ca_file":"/redis.pem"}})"));
  CHECK(shown.at("vault").at("target") == "vault:9200");
  CHECK(shown.at("zoom").at("timeout_ms") == 5'000);
  CHECK(shown.at("limits").at("in_flight_per_user") == 3);
  CHECK(shown.contains("rate_limits"));
  CHECK(boost::json::serialize(shown).find("hunter2") == std::string::npos);
}

}  // namespace shodan::zoomapi
