// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string kRequest = "GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n";

milliseconds Since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

TEST_CASE("A head that drips is cut off at an absolute time, however often a byte comes") {
  RunningGateway gateway([](Config& config) { config.limits.head_time_limit = milliseconds(200); });
  const auto client = gateway.Connect();
  const auto start = steady_clock::now();
  bool open = client->Send("GET / HTTP/1.1\r\n");
  while (open && Since(start) < milliseconds(10'000)) open = client->Send("A");

  CHECK_FALSE(client->Receive().has_value());
  CHECK(Since(start) < milliseconds(10'000));
}

TEST_CASE("A body that does not come is cut off, also one sent in drips") {
  RunningGateway gateway([](Config& config) { config.limits.body_time_limit = milliseconds(200); });
  const std::string head =
      "POST /dev/logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000\r\n\r\n";
  const auto silent = gateway.Connect();
  REQUIRE(silent->Send(head));
  CHECK_FALSE(silent->Receive().has_value());

  const auto dripping = gateway.Connect();
  const auto start = steady_clock::now();
  bool open = dripping->Send(head);
  for (int i = 0; open && i < 7999; ++i) {
    open = dripping->Send("a");
    if (Since(start) > milliseconds(10'000)) break;
  }
  CHECK_FALSE(dripping->Receive().has_value());
}

TEST_CASE("An idle connection is closed") {
  RunningGateway gateway([](Config& config) { config.limits.idle_time_limit = milliseconds(100); });
  const auto fresh = gateway.Connect();
  CHECK(fresh->ReadsEnd());
  const auto used = gateway.Connect();
  REQUIRE(used->Send(kRequest));
  REQUIRE(used->Receive().has_value());
  CHECK(used->ReadsEnd());
}

TEST_CASE("A client that does not read its answers is cut off") {
  RunningGateway gateway(
      [](Config& config) { config.limits.write_time_limit = milliseconds(300); });
  const auto client = gateway.Connect();
  const auto start = steady_clock::now();
  bool open = true;
  // Pipelined requests fill the buffers on the way back; then the gateway's write cannot end.
  while (open && Since(start) < milliseconds(15'000)) {
    open = client->Send("GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  CHECK_FALSE(open);
}

TEST_CASE("Connections are bounded in all and by address, and a place given back is taken again") {
  RunningGateway by_address([](Config& config) { config.limits.connections_per_address_max = 3; });
  std::vector<std::unique_ptr<TlsClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(by_address.Connect());
    REQUIRE(clients.back()->connected());
  }
  CHECK_FALSE(by_address.Connect()->connected());
  clients.clear();
  const auto start = steady_clock::now();
  while (by_address.gateway().connections() > 0 && Since(start) < milliseconds(10'000)) {
  }
  CHECK(by_address.Get("/app/").status == 200);

  RunningGateway in_all([](Config& config) { config.limits.connections_max = 2; });
  const auto first = in_all.Connect();
  const auto second = in_all.Connect();
  REQUIRE(second->connected());
  CHECK_FALSE(in_all.Connect()->connected());
}

TEST_CASE("Slow connections do not keep others waiting") {
  RunningGateway gateway;
  std::vector<std::unique_ptr<TlsClient>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(gateway.Connect());
    slow.back()->Send("GET / HTTP/1.1\r\nHost: loc");
  }
  for (int i = 0; i < 20; ++i) CHECK(gateway.Get("/app/").status == 200);
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, older versions are not, and the protocol is HTTP/1.1") {
  RunningGateway gateway;
  const TlsClient newest(gateway.gateway().port(), gateway.ca_file());
  REQUIRE(newest.connected());
  CHECK(newest.tls_version() == "TLSv1.3");
  CHECK(newest.protocol() == "http/1.1");
  const TlsClient older(gateway.gateway().port(), gateway.ca_file(), TLS1_2_VERSION);
  REQUIRE(older.connected());
  CHECK(older.tls_version() == "TLSv1.2");
  CHECK_FALSE(TlsClient(gateway.gateway().port(), gateway.ca_file(), TLS1_1_VERSION).connected());
  CHECK_FALSE(TlsClient(gateway.gateway().port(), gateway.ca_file(), TLS1_VERSION).connected());
}

TEST_CASE("Requests are limited by address and by user, and 429 says when to come back") {
  RunningGateway by_address([](Config& config) { config.rates.per_address_per_minute = 3; });
  for (int i = 0; i < 3; ++i) CHECK(by_address.Get("/v1/openapi.json").status == 200);
  const auto refused = by_address.Get("/v1/openapi.json");
  CHECK(ProblemOf(refused) == "429 RATE_LIMITED");
  CHECK(std::stoi(refused.Field("retry-after")) >= 1);
  CHECK(by_address.Get("/app/").status == 200);

  RunningGateway by_user([](Config& config) { config.rates.per_user_per_minute = 2; });
  const std::string session = std::string(kProjectPath) + "/session";
  for (int i = 0; i < 2; ++i) CHECK(by_user.As("ann", "GET", session).status == 200);
  CHECK(ProblemOf(by_user.As("ann", "GET", session)) == "429 RATE_LIMITED");
  CHECK(by_user.As("bob", "GET", session).status == 200);

  RunningGateway connecting([](Config& config) { config.rates.connect_per_user_per_minute = 1; });
  const std::string connect = std::string(kProjectPath) + "/link:connect";
  CHECK(connecting.As("ann", "POST", connect, "{}").status == 200);
  CHECK(ProblemOf(connecting.As("ann", "POST", connect, "{}")) == "429 RATE_LIMITED");
  CHECK(connecting.As("ann", "GET", session).status == 200);
}

TEST_CASE("Without Redis requests are neither slow nor refused") {
  RunningGateway gateway([](Config& config) {
    RedisConfig redis;
    redis.host = "127.0.0.1";
    redis.port = 1;
    config.redis = std::move(redis);
  });
  const auto start = steady_clock::now();
  for (int i = 0; i < 20; ++i) CHECK(gateway.Get("/v1/openapi.json").status == 200);
  CHECK(Since(start) < milliseconds(10'000));
}

}  // namespace
}  // namespace shodan::gateway
