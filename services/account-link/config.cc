// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/config.h"

#include <optional>
#include <utility>

#include <boost/json/string.hpp>

#include "libs/base/strings.h"
#include "libs/projects/projects.h"

namespace shodan::account_link {
namespace {

namespace json = boost::json;

Project Convert(const projects::Project& parsed) {
  Project project{.project_id = parsed.project_id,
                  .display_name = parsed.display_name,
                  .settings_url = parsed.settings_url,
                  .origins = parsed.origins,
                  .token_issuers = {}};
  for (const projects::TokenIssuer& issuer : parsed.token_issuers) {
    project.token_issuers.push_back({.issuer = issuer.issuer,
                                     .audience = issuer.audience,
                                     .jwks_url = issuer.jwks_url.value_or(""),
                                     .jwks = issuer.jwks,
                                     .user_claim = issuer.user_claim,
                                     .name_claim = issuer.name_claim,
                                     .role_claim = issuer.role_claim,
                                     .admin_role = issuer.admin_role});
  }
  return project;
}

void ReadProjects(ConfigReader& reader, Config& config) {
  config.projects_file = reader.String("projects_file");
  if (config.projects_file.empty()) return;
  const auto parsed = projects::LoadProjects(
      config.projects_file,
      {.read_secrets = false, .allow_http_on_loopback = config.common.development()});
  if (!parsed.ok()) {
    reader.AddProblem("projects_file", ToStd(parsed.status().message()));
    return;
  }
  for (const projects::Project& project : *parsed) config.projects.push_back(Convert(project));
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

ReconcilerConfig ReadReconciler(ConfigReader reader) {
  const ReconcilerConfig defaults;
  return {.interval = std::chrono::milliseconds(
              reader.Integer("interval_ms", 10, 60'000, defaults.interval.count())),
          .grace = std::chrono::milliseconds(
              reader.Integer("grace_ms", 0, 60'000, defaults.grace.count()))};
}

WatchConfig ReadWatch(ConfigReader reader) {
  WatchConfig watch;
  const auto milliseconds = [&](std::string_view key, int64_t min, int64_t max,
                                std::chrono::milliseconds& value) {
    value = std::chrono::milliseconds(reader.Integer(key, min, max, value.count()));
  };
  const auto seconds = [&](std::string_view key, int64_t max, std::chrono::milliseconds& value) {
    value = std::chrono::seconds(reader.Integer(key, 1, max, value.count() / 1000));
  };
  milliseconds("poll_interval_ms", 10, 10'000, watch.poll_interval);
  milliseconds("heartbeat_ms", 10, 60'000, watch.streams.heartbeat);
  seconds("max_age_s", 24 * 3600, watch.streams.max_age);
  watch.streams.max_streams =
      static_cast<int>(reader.Integer("max_streams", 1, 500, watch.streams.max_streams));
  seconds("retention_s", 365 * 24 * 3600, watch.retention);
  return watch;
}

json::string Text(const std::string& text) { return json::string(text.data(), text.size()); }

}  // namespace

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  config.grpc = service::ReadGrpcConfig(reader);
  config.database =
      service::ReadDatabaseConfig(reader, "account-link", config.common.development());
  config.audit =
      audit::ReadAuditConfig(reader, config.common.development(), /*counts_reads=*/false);
  config.vault = ReadVault(reader.Object("vault"));
  config.reconciler = ReadReconciler(reader.Object("reconciler"));
  config.watch = ReadWatch(reader.Object("watch"));
  ReadProjects(reader, config);
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
  out["reconciler"] = {{"interval_ms", config.reconciler.interval.count()},
                       {"grace_ms", config.reconciler.grace.count()}};
  out["watch"] = {{"poll_interval_ms", config.watch.poll_interval.count()},
                  {"heartbeat_ms", config.watch.streams.heartbeat.count()},
                  {"max_age_s", config.watch.streams.max_age.count() / 1000},
                  {"max_streams", config.watch.streams.max_streams},
                  {"retention_s", config.watch.retention.count() / 1000}};
  out["projects_file"] = Text(config.projects_file);
  return out;
}

rpc::TlsFiles VaultTlsFiles(const Config& config) {
  rpc::TlsFiles files = config.grpc.tls;
  files.ca_file = config.vault.ca_file;
  return files;
}

}  // namespace shodan::account_link
