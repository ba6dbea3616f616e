// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/config.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "libs/service/program.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace shodan::gateway {
namespace {

using testing::IsOk;
using testing::TemporaryDirectory;

struct Fixture {
  TemporaryDirectory directory;
  std::string key = directory.Write("key.pem", "the-private-key");

  std::string Text(const std::string& more) const {
    return R"({"admin":{"listen":"127.0.0.1:0"},
      "https":{"listen":"127.0.0.1:0","certificate_file":"c","private_key_file":"k"},
      "public_url":"https://Localhost:8443/",
      "backends":{"certificate_file":"c","private_key_file":"k","ca_file":"a","token_vault":"v:1","call_link":"c:1","account_link":"a:1","zoom_api":"z:1","automation":"m:1"},
      "assertion_private_key_file":")" +
           key + R"(","static_directory":"s","default_project":"demo")" + more + "}";
  }
  absl::StatusOr<Config> Read(const std::string& more) const {
    auto reader = ConfigReader::FromText(Text(more));
    return service::LoadConfig(*std::move(reader), ReadConfig);
  }
  std::string Problems(const std::string& more) const {
    const auto config = Read(more);
    return config.ok()
               ? std::string()
               : std::string(config.status().message().data(), config.status().message().size());
  }
};

TEST_CASE("A minimal configuration is complete") {
  const Fixture f;
  const auto config = f.Read("");

  REQUIRE_THAT(config, IsOk());
  CHECK(config->public_url == "https://Localhost:8443");
  CHECK(config->public_origin == "https://localhost:8443");
  CHECK(config->limits.connections_max == 10'000);
  CHECK(config->backends.zoom_api == "z:1");
  CHECK(config->backends.automation == "m:1");
  CHECK(config->limits.stall_time_limit == std::chrono::seconds(20));
  CHECK(config->rates.per_user_per_minute == 600);
  CHECK(config->rates.zoom_per_user_per_minute == 300);
  CHECK(config->rates.per_api_key_per_minute == 6000);
  CHECK(config->rates.webhooks_per_address_per_minute == 60'000);
  CHECK_FALSE(config->redis.has_value());
  CHECK_FALSE(config->development_issuer.has_value());
  CHECK(config->pin_https());
}

TEST_CASE("Redis, limits and proxies are read") {
  const Fixture f;
  const auto config = f.Read(
      R"(,"redis":{"host":"r","port":1,"username":"u","password_file":")" + f.key +
      R"(","tls":{"ca_file":"ca"}},"limits":{"head_ms":100,"stall_ms":5,"connections":7},"drain_s":1,)"
      R"("rate_limits":{"per_user_per_minute":5,"zoom_per_user_per_minute":2},"trusted_proxies":["10.0.0.0/8"])");

  REQUIRE_THAT(config, IsOk());
  CHECK(config->redis->ca_file == "ca");
  CHECK(config->limits.head_time_limit == std::chrono::milliseconds(100));
  CHECK(config->limits.drain_time_limit == std::chrono::seconds(1));
  CHECK(config->limits.connections_max == 7);
  CHECK(config->limits.stall_time_limit == std::chrono::milliseconds(5));
  CHECK(config->rates.per_user_per_minute == 5);
  CHECK(config->rates.zoom_per_user_per_minute == 2);
  CHECK(config->trusted_proxies.Contains("10.1.1.1"));
}

TEST_CASE("Production refuses the development issuer") {
  const Fixture f;
  const std::string issuer =
      R"("development_issuer":{"private_key_file":")" + f.key +
      R"(","users":[{"user_id":"ann","display_name":"Ann","roles":["admin"]}]})";
  CHECK(f.Problems("," + issuer).find("development_issuer") != std::string::npos);

  const auto config = f.Read(R"(,"environment":"development",)" + issuer);
  REQUIRE_THAT(config, IsOk());
  CHECK(config->development_issuer->users.at(0).roles == std::vector<std::string>{"admin"});
  CHECK_FALSE(config->pin_https());
}

TEST_CASE("Problems are reported at once, each with its key") {
  const Fixture f;
  const std::string problems = f.Problems(
      R"(,"redis":{"port":0},"limits":{"idle_ms":0,"colour":1},"trusted_proxies":["x"],"drain_s":-1)");
  for (const char* key : {"redis.host", "redis.port", "limits.idle_ms", "limits.colour",
                          "trusted_proxies", "drain_s"}) {
    INFO(problems);
    CHECK(problems.find(key) != std::string::npos);
  }
}

TEST_CASE("The public URL is an https origin") {
  const Fixture f;
  std::string text = f.Text("");
  const std::string given = "https://Localhost:8443/";
  for (const char* url :
       {"http://localhost", "https://a/b", "https://u@a", "https://a?b", "https://", "x"}) {
    std::string changed = text;
    changed.replace(changed.find(given), given.size(), url);
    auto reader = ConfigReader::FromText(changed);
    const auto config = service::LoadConfig(*std::move(reader), ReadConfig);
    INFO(url);
    CHECK_FALSE(config.ok());
  }
}

TEST_CASE("The description shows no secret") {
  const Fixture f;
  const auto config = f.Read(R"(,"redis":{"host":"r","password_file":")" + f.key + R"("})");
  REQUIRE_THAT(config, IsOk());
  const std::string text = boost::json::serialize(DescribeConfig(*config));
  CHECK(text.find("the-private-key") == std::string::npos);
  CHECK(text.find("[redacted]") != std::string::npos);
}

}  // namespace
}  // namespace shodan::gateway
