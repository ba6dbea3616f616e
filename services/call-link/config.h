// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "libs/service/common_config.h"
#include "libs/service/grpc_config.h"

namespace shodan::calllink {

/// All of this service's configuration: it keeps nothing, so it needs nothing of its own.
struct Config {
  service::CommonConfig common;
  service::GrpcConfig grpc;
};

Config ReadConfig(ConfigReader& reader);
/// The effective values, for --check-config.
boost::json::object DescribeConfig(const Config& config);

}  // namespace shodan::calllink
