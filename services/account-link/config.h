// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "libs/audit/audit_config.h"
#include "libs/config/config_reader.h"
#include "libs/rpc/stream_set.h"
#include "libs/rpc/tls.h"
#include "libs/service/common_config.h"
#include "libs/service/database_config.h"
#include "libs/service/grpc_config.h"
#include "services/account-link/domain/project.h"

namespace shodan::account_link {

/// Where the token vault is. This service's own certificate is its identity as a client.
struct VaultConfig {
  std::string target;   ///< "host:port"; the vault's certificate must name the host
  std::string ca_file;  ///< who signed the vault's certificate
};

/// How unfinished work is taken up.
struct ReconcilerConfig {
  std::chrono::milliseconds interval{1'000};
  /// Younger decisions and pending grants are left to the calls that made them.
  std::chrono::milliseconds grace{2'000};
};

/// How links are watched.
struct WatchConfig {
  std::chrono::milliseconds poll_interval{250};  ///< between looks for changes, while one watches
  rpc::StreamLimits streams;
  std::chrono::milliseconds retention = std::chrono::hours(30 * 24);  ///< how far back one resumes
};

/// The configuration of account-link.
struct Config {
  service::CommonConfig common;
  service::GrpcConfig grpc;
  service::DatabaseConfig database;
  audit::AuditConfig audit;
  VaultConfig vault;
  ReconcilerConfig reconciler;
  WatchConfig watch;
  std::string projects_file;
  std::vector<Project> projects;  ///< what the file holds; this service opens no secret in it
};

/// Reads the whole configuration; problems go to the reader.
Config ReadConfig(ConfigReader& reader);

/// The effective values, under the keys they were read from; secrets redacted.
boost::json::object DescribeConfig(const Config& config);

/// The identity with which the vault is called.
rpc::TlsFiles VaultTlsFiles(const Config& config);

}  // namespace shodan::account_link
