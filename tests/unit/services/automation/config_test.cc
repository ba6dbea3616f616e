// SPDX-License-Identifier: Apache-2.0
#include "services/automation/config.h"

#include <string>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/base/strings.h"

namespace shodan::automation {
namespace {

// What is wrong with a configuration that has these sections beside what other programs have too,
// which are tested where they are read.
std::string ProblemsOf(const std::string& sections, Config& config) {
  ConfigReader reader =
      *ConfigReader::FromText("{\"environment\":\"production\"," + sections + "}");
  config = ReadConfig(reader);
  return std::string(ToStd(reader.Finish().message()));
}

constexpr char kBackends[] =
    R"("vault":{"target":"vault:9200","ca_file":"/ca.pem"},"account_link":{"target":"link:9200","ca_file":"/ca.pem"})";

bool Names(const std::string& problems, const std::string& key) {
  return problems.find(key) != std::string::npos;
}

}  // namespace

TEST_CASE("everything of automation's own has a default but its backends", "[automation][config]") {
  Config config;
  const std::string problems = ProblemsOf(kBackends, config);
  for (const char* key : {"webhooks", "deliveries", "vault", "account_link"}) {
    INFO(key << " in " << problems);
    CHECK_FALSE(Names(problems, key));
  }
  CHECK(config.webhooks.ingestion.window == std::chrono::minutes(5));
  CHECK(config.webhooks.ingestion.duplicates_for == std::chrono::hours(72));
  CHECK(config.webhooks.reading.hold == std::chrono::seconds(2));
  CHECK(config.webhooks.retention == std::chrono::hours(168));
  CHECK(config.deliveries.sending.endpoints.disable_after == std::chrono::hours(120));
  CHECK_FALSE(config.deliveries.sending.allow_private_addresses);
  CHECK(config.deliveries.sending.timeout * 2 < config.deliveries.sending.lease);
  Config without;
  const std::string missing = ProblemsOf(R"("webhooks":{})", without);
  for (const char* key :
       {"vault.target", "vault.ca_file", "account_link.target", "account_link.ca_file"}) {
    CHECK(Names(missing, key));
  }
}

TEST_CASE("values out of bounds and unknown keys are named", "[automation][config]") {
  Config config;
  const std::string problems = ProblemsOf(
      R"("vault":{"target":"vault","ca_file":"c"},"webhooks":{"time_window_s":0,"duplicates_s":1,"retention_s":1,"hold_ms":-1,"lease_ms":1,"attempts":0,"first_retry_ms":1,"longest_retry_ms":1,"readers":0,"poll_interval_ms":1,"erasure_interval_ms":1,"surprise":1},"deliveries":{"timeout_ms":1,"lease_ms":1,"allow_private_addresses":true,"attempts_at_once":0,"failures_to_pause":0,"first_pause_ms":1,"longest_pause_ms":1,"disable_after_s":1,"retention_s":1,"senders":0,"poll_interval_ms":1,"follow_interval_ms":1,"surprise":1})",
      config);
  for (const char* key : {"vault.target",
                          "webhooks.time_window_s",
                          "webhooks.duplicates_s",
                          "webhooks.retention_s",
                          "webhooks.hold_ms",
                          "webhooks.lease_ms",
                          "webhooks.attempts",
                          "webhooks.first_retry_ms",
                          "webhooks.longest_retry_ms",
                          "webhooks.readers",
                          "webhooks.poll_interval_ms",
                          "webhooks.erasure_interval_ms",
                          "webhooks.surprise",
                          "deliveries.timeout_ms",
                          "deliveries.lease_ms",
                          "deliveries.allow_private_addresses",
                          "deliveries.attempts_at_once",
                          "deliveries.failures_to_pause",
                          "deliveries.first_pause_ms",
                          "deliveries.longest_pause_ms",
                          "deliveries.disable_after_s",
                          "deliveries.retention_s",
                          "deliveries.senders",
                          "deliveries.poll_interval_ms",
                          "deliveries.follow_interval_ms",
                          "deliveries.surprise"}) {
    INFO(key << " in " << problems);
    CHECK(Names(problems, key));
  }
}

TEST_CASE("the effective configuration tells every setting", "[automation][config]") {
  Config config;
  ProblemsOf(std::string(kBackends) + R"(,"webhooks":{"hold_ms":0,"time_window_s":60})", config);
  const std::string described = boost::json::serialize(DescribeConfig(config));
  CHECK(Names(described, R"("hold_ms":0)"));
  CHECK(Names(described, R"("time_window_s":60)"));
  CHECK(Names(described, R"("deliveries":{"timeout_ms":15000,)"));
  CHECK(Names(described, R"("account_link":{"target":"link:9200","ca_file":"/ca.pem"})"));
}

}  // namespace shodan::automation
