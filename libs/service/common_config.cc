// SPDX-License-Identifier: Apache-2.0
#include "libs/service/common_config.h"

#include <vector>

#include <arpa/inet.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "absl/strings/numbers.h"
#include "libs/base/strings.h"

namespace shodan::service {
namespace {

constexpr int kPortMax = 65'535;

bool IsAddress(const std::string& host) {
  in_addr v4;
  in6_addr v6;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1;
  }
  return inet_pton(AF_INET, host.c_str(), &v4) == 1;
}

bool IsListenAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  const std::string port_text = text.substr(colon + 1);
  int port = 0;
  return port_text.find_first_not_of("0123456789") == std::string::npos &&
         absl::SimpleAtoi(port_text, &port) && port <= kPortMax && IsAddress(text.substr(0, colon));
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

}  // namespace

boost::json::string Text(std::string_view text) {
  return boost::json::string(text.data(), text.size());
}

std::string ReadListenAddress(ConfigReader& reader, std::string_view key) {
  std::string listen = reader.String(key);
  if (!listen.empty() && !IsListenAddress(listen)) {
    reader.AddProblem(key,
                      "must be an IP address, a colon and a port (0 for any free one), for example "
                      "\"127.0.0.1:0\" or \"[::1]:0\"");
  }
  return listen;
}

CommonConfig ReadCommonConfig(ConfigReader& reader) {
  CommonConfig config;
  if (reader.Choice("environment", {"production", "development"}, "production") == "development") {
    config.environment = Environment::kDevelopment;
  }
  const std::string level =
      reader.Choice("log_level", {"debug", "info", "warning", "error"}, "info");
  static_cast<void>(ParseLogLevel(level, config.log_level));
  ConfigReader admin = reader.Object("admin");
  config.admin_listen = ReadListenAddress(admin, "listen");
  config.port_file = reader.OptionalString("port_file");
  for (std::string& name : reader.Strings("crash_points")) {
    config.crash_points.insert(std::move(name));
  }
  if (!config.crash_points.empty() && !config.development()) {
    reader.AddProblem("crash_points", "is only allowed where environment is \"development\"");
  }
  return config;
}

boost::json::object DescribeCommonConfig(const CommonConfig& config) {
  boost::json::array crash_points;
  for (const std::string& name : config.crash_points) crash_points.push_back(Text(name));
  boost::json::object description;
  description["environment"] = config.development() ? "development" : "production";
  description["log_level"] = Text(LevelName(config.log_level));
  description["admin"] = boost::json::object{{"listen", Text(config.admin_listen)}};
  description["port_file"] = nullptr;
  if (config.port_file.has_value()) description["port_file"] = Text(*config.port_file);
  description["crash_points"] = std::move(crash_points);
  return description;
}

}  // namespace shodan::service
