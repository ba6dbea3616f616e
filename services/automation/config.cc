// SPDX-License-Identifier: Apache-2.0
#include "services/automation/config.h"

#include <string_view>

#include <boost/json/value.hpp>

namespace shodan::automation {
namespace {

namespace json = boost::json;
using service::Text;
using std::chrono::milliseconds;

constexpr int64_t kDay = 86'400;

void ReadSeconds(ConfigReader& reader, std::string_view key, int64_t min, int64_t max,
                 milliseconds& value) {
  value = std::chrono::seconds(reader.Integer(key, min, max, value.count() / 1000));
}

void ReadMilliseconds(ConfigReader& reader, std::string_view key, int64_t min, int64_t max,
                      milliseconds& value) {
  value = milliseconds(reader.Integer(key, min, max, value.count()));
}

BackendConfig ReadBackend(ConfigReader reader) {
  BackendConfig backend;
  backend.target = reader.String("target");
  if (!backend.target.empty() && backend.target.find(':') == std::string::npos) {
    reader.AddProblem("target", "must be host:port");
  }
  backend.ca_file = reader.String("ca_file");
  return backend;
}

WebhookConfig ReadWebhooks(ConfigReader reader) {
  WebhookConfig webhooks;
  ReadSeconds(reader, "time_window_s", 1, kDay, webhooks.ingestion.window);
  ReadSeconds(reader, "duplicates_s", 3'600, 30 * kDay, webhooks.ingestion.duplicates_for);
  ReadSeconds(reader, "retention_s", 3'600, 30 * kDay, webhooks.retention);
  ReadMilliseconds(reader, "hold_ms", 0, 600'000, webhooks.reading.hold);
  ReadMilliseconds(reader, "lease_ms", 1'000, 600'000, webhooks.reading.lease);
  AttemptLimits& attempts = webhooks.reading.attempts;
  attempts.attempts = static_cast<int>(reader.Integer("attempts", 1, 100, attempts.attempts));
  ReadMilliseconds(reader, "first_retry_ms", 10, 600'000, attempts.first_delay);
  ReadMilliseconds(reader, "longest_retry_ms", 10, 3'600'000, attempts.longest_delay);
  webhooks.readers = static_cast<int>(reader.Integer("readers", 1, 64, webhooks.readers));
  ReadMilliseconds(reader, "poll_interval_ms", 10, 60'000, webhooks.poll_interval);
  ReadMilliseconds(reader, "erasure_interval_ms", 10, 60'000, webhooks.erasure_interval);
  return webhooks;
}

DeliveryConfig ReadDeliveries(ConfigReader reader, bool development) {
  DeliveryConfig deliveries;
  DeliverySender::Settings& sending = deliveries.sending;
  EndpointRules& endpoints = sending.endpoints;
  ReadMilliseconds(reader, "timeout_ms", 100, 30'000, sending.timeout);
  ReadMilliseconds(reader, "lease_ms", 40'000, 600'000, sending.lease);
  sending.ca_file = reader.String("ca_file", "");
  sending.allow_private_addresses = reader.Bool("allow_private_addresses", false);
  if (sending.allow_private_addresses && !development) {
    reader.AddProblem("allow_private_addresses", "is for development only");
  }
  endpoints.attempts_at_once =
      static_cast<int>(reader.Integer("attempts_at_once", 1, 64, endpoints.attempts_at_once));
  endpoints.failures_to_pause =
      static_cast<int>(reader.Integer("failures_to_pause", 1, 1'000, endpoints.failures_to_pause));
  ReadMilliseconds(reader, "first_pause_ms", 100, 3'600'000, endpoints.first_pause);
  ReadMilliseconds(reader, "longest_pause_ms", 100, 86'400'000, endpoints.longest_pause);
  ReadSeconds(reader, "disable_after_s", 3'600, 30 * kDay, endpoints.disable_after);
  ReadSeconds(reader, "retention_s", 4 * kDay, 90 * kDay, deliveries.retention);
  deliveries.senders = static_cast<int>(reader.Integer("senders", 1, 256, deliveries.senders));
  ReadMilliseconds(reader, "poll_interval_ms", 10, 60'000, deliveries.poll_interval);
  ReadMilliseconds(reader, "follow_interval_ms", 10, 5'000, deliveries.following.interval);
  return deliveries;
}

json::object Describe(const BackendConfig& backend) {
  return {{"target", Text(backend.target)}, {"ca_file", Text(backend.ca_file)}};
}

json::object Describe(const WebhookConfig& webhooks) {
  const AttemptLimits& attempts = webhooks.reading.attempts;
  return {{"time_window_s", webhooks.ingestion.window.count() / 1000},
          {"duplicates_s", webhooks.ingestion.duplicates_for.count() / 1000},
          {"retention_s", webhooks.retention.count() / 1000},
          {"hold_ms", webhooks.reading.hold.count()},
          {"lease_ms", webhooks.reading.lease.count()},
          {"attempts", attempts.attempts},
          {"first_retry_ms", attempts.first_delay.count()},
          {"longest_retry_ms", attempts.longest_delay.count()},
          {"readers", webhooks.readers},
          {"poll_interval_ms", webhooks.poll_interval.count()},
          {"erasure_interval_ms", webhooks.erasure_interval.count()}};
}

json::object Describe(const DeliveryConfig& deliveries) {
  const DeliverySender::Settings& sending = deliveries.sending;
  const EndpointRules& endpoints = sending.endpoints;
  return {{"timeout_ms", sending.timeout.count()},
          {"lease_ms", sending.lease.count()},
          {"ca_file", Text(sending.ca_file)},
          {"allow_private_addresses", sending.allow_private_addresses},
          {"attempts_at_once", endpoints.attempts_at_once},
          {"failures_to_pause", endpoints.failures_to_pause},
          {"first_pause_ms", endpoints.first_pause.count()},
          {"longest_pause_ms", endpoints.longest_pause.count()},
          {"disable_after_s", endpoints.disable_after.count() / 1000},
          {"retention_s", deliveries.retention.count() / 1000},
          {"senders", deliveries.senders},
          {"poll_interval_ms", deliveries.poll_interval.count()},
          {"follow_interval_ms", deliveries.following.interval.count()}};
}

}  // namespace

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  const bool development = config.common.development();
  config.grpc = service::ReadGrpcConfig(reader);
  config.database = service::ReadDatabaseConfig(reader, "automation", development);
  config.audit = audit::ReadAuditConfig(reader, development, /*counts_reads=*/false);
  config.vault = ReadBackend(reader.Object("vault"));
  config.account_link = ReadBackend(reader.Object("account_link"));
  config.webhooks = ReadWebhooks(reader.Object("webhooks"));
  config.deliveries = ReadDeliveries(reader.Object("deliveries"), development);
  return config;
}

json::object DescribeConfig(const Config& config) {
  json::object out = service::DescribeCommonConfig(config.common);
  for (const auto& part : {service::DescribeGrpcConfig(config.grpc),
                           service::DescribeDatabaseConfig(config.database)}) {
    for (const auto& entry : part) out[entry.key()] = entry.value();
  }
  out["audit"] = audit::DescribeAuditConfig(config.audit, /*counts_reads=*/false);
  out["vault"] = Describe(config.vault);
  out["account_link"] = Describe(config.account_link);
  out["webhooks"] = Describe(config.webhooks);
  out["deliveries"] = Describe(config.deliveries);
  return out;
}

rpc::TlsFiles ClientTlsFiles(const Config& config, const BackendConfig& backend) {
  rpc::TlsFiles files = config.grpc.tls;
  files.ca_file = backend.ca_file;
  return files;
}

}  // namespace shodan::automation
