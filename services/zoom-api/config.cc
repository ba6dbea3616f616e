// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/config.h"

#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "services/zoom-api/rate_limits_config.h"

namespace shodan::zoomapi {
namespace {

namespace json = boost::json;
using service::Text;
using std::chrono::milliseconds;

void ReadMilliseconds(ConfigReader& reader, std::string_view key, int64_t max,
                      milliseconds& value) {
  value = milliseconds(reader.Integer(key, 10, max, value.count()));
}

VaultConfig ReadVault(ConfigReader reader) {
  VaultConfig vault;
  vault.target = reader.String("target");
  if (!vault.target.empty() && vault.target.find(':') == std::string::npos) {
    reader.AddProblem("target", "must be host:port");
  }
  vault.ca_file = reader.String("ca_file");
  return vault;
}

std::optional<redis::ClientOptions> ReadRedis(ConfigReader& reader) {
  if (!reader.Has("redis")) return std::nullopt;
  ConfigReader object = reader.Object("redis");
  redis::ClientOptions options;
  options.host = object.String("host");
  options.port = static_cast<uint16_t>(object.Integer("port", 1, 65'535, 6379));
  options.username = object.String("username", "");
  options.password = object.SecretFile("password_file", true);
  if (object.Has("tls")) options.ca_file = object.Object("tls").String("ca_file");
  return options;
}

void ReadZoom(ConfigReader reader, bool development, SenderSettings& sending) {
  sending.ca_file = reader.String("ca_file", "");
  ReadMilliseconds(reader, "timeout_ms", 600'000, sending.timeout);
  ReadMilliseconds(reader, "stall_timeout_ms", 120'000, sending.stall_timeout);
  ReadMilliseconds(reader, "patience_ms", 60'000, sending.patience);
  sending.allow_loopback = reader.Bool("allow_loopback_http", false);
  if (sending.allow_loopback && !development) {
    reader.AddProblem("allow_loopback_http", "is only allowed with environment development");
  }
}

void ReadLimits(ConfigReader reader, SenderSettings& sending, RequestLimits& limits) {
  constexpr int64_t kBytesMax = int64_t{1} << 30;
  limits.body_bytes = reader.Integer("body_bytes", 1'024, kBytesMax, limits.body_bytes);
  sending.answer_bytes_max =
      reader.Integer("answer_bytes", 1'024, kBytesMax, sending.answer_bytes_max);
  limits.in_flight = static_cast<int>(reader.Integer("in_flight", 1, 10'000, limits.in_flight));
  sending.in_flight_per_user =
      static_cast<int>(reader.Integer("in_flight_per_user", 1, 10'000, sending.in_flight_per_user));
}

IntentConfig ReadIntents(ConfigReader reader) {
  IntentConfig intents;
  intents.retention = std::chrono::seconds(
      reader.Integer("retention_s", 3'600, 30 * 86'400, intents.retention.count() / 1000));
  ReadMilliseconds(reader, "sweep_interval_ms", 60'000, intents.sweep_interval);
  return intents;
}

json::value DescribeRedis(const std::optional<redis::ClientOptions>& redis) {
  if (!redis.has_value()) return nullptr;
  json::value tls = nullptr;
  if (redis->ca_file.has_value()) tls = json::object{{"ca_file", Text(*redis->ca_file)}};
  return json::object{{"host", Text(redis->host)},
                      {"port", redis->port},
                      {"username", Text(redis->username)},
                      {"password_file", Text(service::kRedacted)},
                      {"tls", std::move(tls)}};
}

}  // namespace

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  const bool development = config.common.development();
  config.grpc = service::ReadGrpcConfig(reader);
  config.database = service::ReadDatabaseConfig(reader, "zoom-api", development);
  config.audit = audit::ReadAuditConfig(reader, development, /*counts_reads=*/false);
  config.vault = ReadVault(reader.Object("vault"));
  config.redis = ReadRedis(reader);
  ReadZoom(reader.Object("zoom"), development, config.sending);
  ReadLimits(reader.Object("limits"), config.sending, config.limits);
  config.intents = ReadIntents(reader.Object("intents"));
  config.rate_limits = ReadRateLimits(reader.Object("rate_limits"));
  config.threads = static_cast<int>(reader.Integer("threads", 1, 64, config.threads));
  return config;
}

json::object DescribeConfig(const Config& config) {
  json::object out = service::DescribeCommonConfig(config.common);
  for (const auto& part : {service::DescribeGrpcConfig(config.grpc),
                           service::DescribeDatabaseConfig(config.database)}) {
    for (const auto& entry : part) out[entry.key()] = entry.value();
  }
  out["audit"] = audit::DescribeAuditConfig(config.audit, /*counts_reads=*/false);
  out["vault"] = {{"target", Text(config.vault.target)}, {"ca_file", Text(config.vault.ca_file)}};
  out["redis"] = DescribeRedis(config.redis);
  out["zoom"] = {{"ca_file", Text(config.sending.ca_file)},
                 {"timeout_ms", config.sending.timeout.count()},
                 {"stall_timeout_ms", config.sending.stall_timeout.count()},
                 {"patience_ms", config.sending.patience.count()},
                 {"allow_loopback_http", config.sending.allow_loopback}};
  out["limits"] = {{"body_bytes", config.limits.body_bytes},
                   {"answer_bytes", config.sending.answer_bytes_max},
                   {"in_flight", config.limits.in_flight},
                   {"in_flight_per_user", config.sending.in_flight_per_user}};
  out["intents"] = {{"retention_s", config.intents.retention.count() / 1000},
                    {"sweep_interval_ms", config.intents.sweep_interval.count()}};
  out["rate_limits"] = DescribeRateLimits(config.rate_limits);
  out["threads"] = config.threads;
  return out;
}

rpc::TlsFiles VaultTlsFiles(const Config& config) {
  rpc::TlsFiles files = config.grpc.tls;
  files.ca_file = config.vault.ca_file;
  return files;
}

}  // namespace shodan::zoomapi
