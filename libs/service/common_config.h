// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "libs/config/config_reader.h"
#include "libs/observability/log.h"

namespace shodan::service {

/// Where the program runs. Production refuses what only tests and demonstrations need.
enum class Environment { kProduction, kDevelopment };

/// The keys that every program's configuration has.
struct CommonConfig {
  Environment environment = Environment::kProduction;
  LogLevel log_level = LogLevel::kInfo;
  std::string admin_listen;              ///< health, readiness and metrics; "address:port"
  std::optional<std::string> port_file;  ///< where the bound ports are written
  std::set<std::string> crash_points;    ///< see libs/base/crash_point.h; empty in production

  bool development() const { return environment == Environment::kDevelopment; }
};

/// Reads "environment", "log_level", "admin", "port_file" and "crash_points".
CommonConfig ReadCommonConfig(ConfigReader& reader);

/// A required "address:port": an IPv4 address or an IPv6 address in brackets, port 0 for any free.
std::string ReadListenAddress(ConfigReader& reader, std::string_view key);

/// The effective values, under the keys they were read from.
boost::json::object DescribeCommonConfig(const CommonConfig& config);

/// Stands for a secret in a description.
inline constexpr std::string_view kRedacted = "[redacted]";
/// A description's text value.
boost::json::string Text(std::string_view text);

}  // namespace shodan::service
