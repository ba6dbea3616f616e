// SPDX-License-Identifier: Apache-2.0
#include "services/call-link/config.h"

#include <utility>

namespace shodan::calllink {

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  config.grpc = service::ReadGrpcConfig(reader);
  return config;
}

boost::json::object DescribeConfig(const Config& config) {
  boost::json::object description = service::DescribeCommonConfig(config.common);
  for (auto& member : service::DescribeGrpcConfig(config.grpc)) {
    description.insert(std::move(member));
  }
  return description;
}

}  // namespace shodan::calllink
