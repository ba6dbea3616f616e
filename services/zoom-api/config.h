// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "libs/audit/audit_config.h"
#include "libs/config/config_reader.h"
#include "libs/redis/client.h"
#include "libs/rpc/tls.h"
#include "libs/service/common_config.h"
#include "libs/service/database_config.h"
#include "libs/service/grpc_config.h"
#include "services/zoom-api/domain/rate_limits.h"
#include "services/zoom-api/sending/zoom_sender.h"

namespace shodan::zoomapi {

/// Where the token vault is. This service's own certificate is its identity as a client.
struct VaultConfig {
  std::string target;   ///< "host:port"; the vault's certificate must name the host
  std::string ca_file;  ///< who signed the vault's certificate
};

/// Bounds that depend on the machine.
struct RequestLimits {
  int64_t body_bytes = 20 << 20;  ///< of a request
  int in_flight = 1'000;          ///< calls under way in this process
};

/// How long request ids are remembered.
struct IntentConfig {
  std::chrono::milliseconds retention = std::chrono::hours(24);
  std::chrono::milliseconds sweep_interval{5'000};
};

/// The configuration of zoom-api.
struct Config {
  service::CommonConfig common;
  service::GrpcConfig grpc;
  service::DatabaseConfig database;
  audit::AuditConfig audit;
  VaultConfig vault;
  std::optional<redis::ClientOptions> redis;  ///< without it each replica keeps budgets of its own
  SenderSettings sending;
  RequestLimits limits;
  IntentConfig intents;
  RateLimitsConfig rate_limits;
  int threads = 2;  ///< that run the calls' coroutines
};

/// Reads the whole configuration; problems go to the reader.
Config ReadConfig(ConfigReader& reader);

/// The effective values, under the keys they were read from; secrets redacted.
boost::json::object DescribeConfig(const Config& config);

/// The identity with which the vault is called.
rpc::TlsFiles VaultTlsFiles(const Config& config);

}  // namespace shodan::zoomapi
