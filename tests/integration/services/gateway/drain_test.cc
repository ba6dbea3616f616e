// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kRequest = "GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_CASE("Draining finishes the request under way, ends idle connections and takes no new ones") {
  RunningGateway gateway;
  std::promise<void> reached;
  std::promise<void> go_on;
  gateway.backends().before_get_link = [&, waiting = go_on.get_future().share()] {
    reached.set_value();
    waiting.wait();
  };
  const auto idle = gateway.Connect();
  REQUIRE(idle->Send(kRequest));
  REQUIRE(idle->Receive().has_value());
  const auto busy = gateway.Connect();
  REQUIRE(busy->Send(TextOf({"GET",
                             std::string(kProjectPath) + "/link",
                             {"Authorization: Bearer " + gateway.Token("ann")},
                             ""})));
  reached.get_future().wait();

  auto drained = std::async(std::launch::async, [&] { gateway.gateway().Drain(); });
  CHECK(idle->ReadsEnd());
  CHECK(drained.wait_for(milliseconds(0)) == std::future_status::timeout);
  CHECK_FALSE(gateway.Connect()->connected());
  go_on.set_value();

  const auto response = busy->Receive();
  REQUIRE(response.has_value());
  CHECK(response->status == 200);
  CHECK(response->Field("connection") == "close");
  CHECK(busy->ReadsEnd());
  CHECK(drained.wait_for(seconds(20)) == std::future_status::ready);
  CHECK(gateway.gateway().connections() == 0);
}

TEST_CASE("While draining begins, new connections are still answered, once each") {
  RunningGateway gateway([](Config& config) { config.limits.drain_accept_time = seconds(3); });
  auto drained = std::async(std::launch::async, [&] { gateway.gateway().Drain(); });
  std::optional<RawResponse> last;
  do {  // until the drain has begun
    const auto client = gateway.Connect();
    if (!client->Send(kRequest)) break;
    last = client->Receive();
  } while (last.has_value() && last->Field("connection") != "close");

  REQUIRE(last.has_value());
  CHECK(last->status == 200);
  CHECK(last->Field("connection") == "close");
  drained.wait();
}

TEST_CASE("Draining does not wait longer than its time") {
  RunningGateway gateway(
      [](Config& config) { config.limits.drain_time_limit = milliseconds(200); });
  std::promise<void> reached;
  std::promise<void> go_on;
  gateway.backends().before_get_link = [&, waiting = go_on.get_future().share()] {
    reached.set_value();
    waiting.wait();
  };
  const auto busy = gateway.Connect();
  REQUIRE(busy->Send(TextOf({"GET",
                             std::string(kProjectPath) + "/link",
                             {"Authorization: Bearer " + gateway.Token("ann")},
                             ""})));
  reached.get_future().wait();

  const auto start = std::chrono::steady_clock::now();
  gateway.gateway().Drain();

  CHECK(std::chrono::steady_clock::now() - start < seconds(15));
  go_on.set_value();
}

}  // namespace
}  // namespace shodan::gateway
