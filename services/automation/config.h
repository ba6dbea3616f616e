// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <boost/json/object.hpp>

#include "libs/audit/audit_config.h"
#include "libs/config/config_reader.h"
#include "libs/rpc/tls.h"
#include "libs/service/common_config.h"
#include "libs/service/database_config.h"
#include "libs/service/grpc_config.h"
#include "services/automation/domain/deliveries/delivery_sender.h"
#include "services/automation/domain/webhooks/inbox_reader.h"
#include "services/automation/domain/webhooks/ingestion.h"
#include "services/automation/link_follower.h"

namespace shodan::automation {

/// Where another service is. This service's own certificate is its identity as a client.
struct BackendConfig {
  std::string target;   ///< "host:port"; the service's certificate must name the host
  std::string ca_file;  ///< who signed that certificate
};

/// How webhooks are worked off.
struct WebhookConfig {
  Ingestion::Settings ingestion;
  InboxReader::Settings reading;
  int readers = 4;                               ///< threads of this replica that read webhooks
  std::chrono::milliseconds poll_interval{500};  ///< between looks for work of other replicas
  /// Between looks for links that ended.
  std::chrono::milliseconds erasure_interval{1'000};
  /// How long a webhook is kept; the vault's inbox keys need not live longer.
  std::chrono::milliseconds retention = std::chrono::hours(7 * 24);
};

/// How events are sent to endpoints.
struct DeliveryConfig {
  DeliverySender::Settings sending;
  LinkFollower::Settings following;
  int senders = 16;                              ///< threads of this replica that send
  std::chrono::milliseconds poll_interval{500};  ///< between looks for work of other replicas
  /// How long a delivery is kept, whatever became of it.
  std::chrono::milliseconds retention = std::chrono::hours(30 * 24);
};

/// The configuration of automation.
struct Config {
  service::CommonConfig common;
  service::GrpcConfig grpc;
  service::DatabaseConfig database;
  audit::AuditConfig audit;
  BackendConfig vault;
  BackendConfig account_link;
  WebhookConfig webhooks;
  DeliveryConfig deliveries;
};

/// Reads the whole configuration; problems go to the reader.
Config ReadConfig(ConfigReader& reader);

/// The effective values, under the keys they were read from; secrets redacted.
boost::json::object DescribeConfig(const Config& config);

/// The identity with which another service is called.
rpc::TlsFiles ClientTlsFiles(const Config& config, const BackendConfig& backend);

}  // namespace shodan::automation
