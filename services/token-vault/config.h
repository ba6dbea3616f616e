// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "libs/audit/audit_config.h"
#include "libs/config/config_reader.h"
#include "libs/service/common_config.h"
#include "libs/service/database_config.h"
#include "libs/service/grpc_config.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"
#include "services/token-vault/domain/zoom/zoom_app.h"
#include "services/token-vault/key_management.h"

namespace shodan::tokenvault {

/// Everything the token vault is told at its start.
struct Config {
  service::CommonConfig common;
  service::GrpcConfig grpc;
  service::DatabaseConfig database;
  audit::AuditConfig audit;
  std::string key_ring_file;
  KeySettings keys;
  KeyManagementConfig key_management;
  std::string projects_file;
  std::vector<ZoomApp> zoom_apps;  ///< from the projects file; ids are the database's
  ZoomTimeouts zoom;
  ZoomPauses zoom_pauses;
  Lifetimes lifetimes;
  std::chrono::milliseconds sweep_interval{1'000};
  /// Between two looks at what other replicas changed in the Zoom apps.
  std::chrono::milliseconds app_refresh{10'000};
  int keep_alive_per_second = 2;  ///< of this replica
  int imports_per_second = 5;     ///< the same, of imported tokens
  /// Outlives the process and belongs to this replica alone; "" only in development.
  std::string spool_directory;
  /// The same, and outside every backup of the database.
  std::string ledger_directory;
};

Config ReadConfig(ConfigReader& reader);
boost::json::object DescribeConfig(const Config& config);

}  // namespace shodan::tokenvault
