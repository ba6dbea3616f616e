// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "libs/config/config_reader.h"
#include "libs/rpc/tls.h"
#include "libs/secrets/secret.h"
#include "libs/service/common_config.h"
#include "services/gateway/auth/development_issuer.h"
#include "services/gateway/http/client_address.h"
#include "services/gateway/limits.h"
#include "services/gateway/pipeline.h"

namespace shodan::gateway {

struct BackendTargets {
  rpc::TlsFiles tls;  ///< the gateway's identity
  std::string token_vault;
  std::string call_link;
  std::string account_link;
  std::string zoom_api;
  std::string automation;
};

struct RedisConfig {
  std::string host;
  uint16_t port = 6379;
  std::string username;
  Secret password;
  std::optional<std::string> ca_file;  ///< TLS when present
};

struct DevelopmentIssuerConfig {
  Secret private_key;
  std::vector<DemoUser> users;
};

struct Config {
  service::CommonConfig common;
  std::string listen;  ///< HTTPS, "address:port"
  std::string certificate_file;
  std::string private_key_file;
  std::string public_url;     ///< origin that browsers use, without a slash at the end
  std::string public_origin;  ///< the same as browsers write it in Origin
  BackendTargets backends;
  Secret assertion_private_key;
  std::optional<RedisConfig> redis;  ///< without it, limits are kept by each replica alone
  std::string static_directory;
  std::string default_project;
  std::optional<DevelopmentIssuerConfig> development_issuer;
  Limits limits;
  RateSettings rates;
  TrustedProxies trusted_proxies;

  /// False where pinning https would reach other ports of the developer's machine.
  bool pin_https() const;
};

/// Reads the whole configuration; problems are collected by the reader.
Config ReadConfig(ConfigReader& reader);

/// The effective configuration; secrets as "[redacted]".
boost::json::object DescribeConfig(const Config& config);

}  // namespace shodan::gateway
