// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "libs/config/config_reader.h"
#include "libs/redis/client.h"

namespace shodan::testing {

/// The Redis of the test services: the environment variable SHODAN_TEST_SERVICES names a JSON file
/// with {"redis":{"host","port","password_file","tls_port","ca_file"}}. Without it the test fails.
inline boost::json::object RedisService() {
  const char* path = std::getenv("SHODAN_TEST_SERVICES");  // NOLINT(concurrency-mt-unsafe)
  if (path == nullptr) FAIL("SHODAN_TEST_SERVICES must name the file of the test services.");
  return boost::json::parse(*ReadFile(path)).at("redis").as_object();
}

/// Plain, with short pauses between attempts to connect.
inline redis::ClientOptions PlainRedis() {
  const boost::json::object service = RedisService();
  redis::ClientOptions options;
  options.host = service.at("host").as_string().c_str();
  options.port = static_cast<uint16_t>(service.at("port").as_int64());
  std::string password = *ReadFile(service.at("password_file").as_string().c_str());
  while (!password.empty() && password.back() == '\n') password.pop_back();
  options.password = Secret(password);
  options.reconnect_delay_min = std::chrono::milliseconds(5);
  options.reconnect_delay_max = std::chrono::milliseconds(20);
  return options;
}

inline redis::ClientOptions TlsRedis() {
  const boost::json::object service = RedisService();
  redis::ClientOptions options = PlainRedis();
  options.host = "localhost";
  options.port = static_cast<uint16_t>(service.at("tls_port").as_int64());
  options.ca_file = std::string(service.at("ca_file").as_string().c_str());
  return options;
}

}  // namespace shodan::testing
