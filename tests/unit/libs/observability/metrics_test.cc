// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace shodan {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("A counter adds up for each set of labels") {
  Metrics metrics;
  metrics.Count("shodan_vault_refreshes_total", "Refreshes.", {{"outcome", "ok"}});
  metrics.Count("shodan_vault_refreshes_total", "Refreshes.", {{"outcome", "ok"}}, 2);
  metrics.Count("shodan_vault_refreshes_total", "Refreshes.", {{"outcome", "terminal"}});

  const std::string text = metrics.Render();

  CHECK_THAT(text, Contains("# TYPE shodan_vault_refreshes_total counter"));
  CHECK_THAT(text, Contains("# HELP shodan_vault_refreshes_total Refreshes."));
  CHECK_THAT(text, Contains("shodan_vault_refreshes_total{outcome=\"ok\"} 3"));
  CHECK_THAT(text, Contains("shodan_vault_refreshes_total{outcome=\"terminal\"} 1"));
}

TEST_CASE("A gauge holds the last value") {
  Metrics metrics;
  metrics.Set("shodan_gateway_connections", "Open connections.", {}, 7);
  metrics.Set("shodan_gateway_connections", "Open connections.", {}, 3);

  CHECK_THAT(metrics.Render(), Contains("shodan_gateway_connections 3"));
}

TEST_CASE("A histogram of seconds has buckets from 0.5 ms to 20 s") {
  Metrics metrics;
  metrics.ObserveSeconds("shodan_rpc_seconds", "Time of a call.", {}, 0.0004);
  metrics.ObserveSeconds("shodan_rpc_seconds", "Time of a call.", {}, 30);

  const std::string text = metrics.Render();

  CHECK_THAT(text, Contains("shodan_rpc_seconds_bucket{le=\"0.0005\"} 1"));
  CHECK_THAT(text, Contains("shodan_rpc_seconds_bucket{le=\"20\"} 1"));
  CHECK_THAT(text, Contains("shodan_rpc_seconds_bucket{le=\"+Inf\"} 2"));
  CHECK_THAT(text, Contains("shodan_rpc_seconds_count 2"));
}

TEST_CASE("Counting from several threads loses nothing") {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int n = 0; n < 250; ++n) metrics.Count("shodan_events_total", "Events.");
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK_THAT(metrics.Render(), Contains("shodan_events_total 1000"));
}

}  // namespace
}  // namespace shodan
