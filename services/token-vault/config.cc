// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/config.h"

#include <utility>

#include "libs/base/strings.h"
#include "libs/projects/projects.h"

namespace shodan::tokenvault {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kDay = 24 * 3600;

void ReadSeconds(ConfigReader& reader, std::string_view key, int64_t max, milliseconds& value) {
  value = std::chrono::seconds(reader.Integer(key, 1, max, value.count() / 1000));
}

void ReadMilliseconds(ConfigReader& reader, std::string_view key, int64_t max,
                      milliseconds& value) {
  value = milliseconds(reader.Integer(key, 10, max, value.count()));
}

void ReadLifetimes(ConfigReader reader, Config& config) {
  Lifetimes& lifetimes = config.lifetimes;
  ReadSeconds(reader, "ticket_s", 600, lifetimes.ticket);
  ReadSeconds(reader, "attempt_s", 3600, lifetimes.attempt);
  ReadSeconds(reader, "exchange_s", 600, lifetimes.exchange);
  ReadSeconds(reader, "pending_grant_s", 3600, lifetimes.pending_grant);
  ReadSeconds(reader, "refresh_margin_s", 1800, lifetimes.refresh_margin);
  ReadSeconds(reader, "lease_s", 300, lifetimes.lease);
  ReadSeconds(reader, "suspect_s", 600, lifetimes.suspect);
  ReadSeconds(reader, "erasure_deadline_s", 50, lifetimes.erasure);
  ReadSeconds(reader, "revocation_in_request_s", 15, lifetimes.revocation_in_request);
  ReadSeconds(reader, "reconnect_required_profile_s", 10 * kDay,
              lifetimes.reconnect_required_profile);
  ReadSeconds(reader, "record_retention_s", 30 * kDay, lifetimes.record_retention);
  ReadSeconds(reader, "refresh_token_s", 3650 * kDay, lifetimes.refresh_token);
  ReadSeconds(reader, "keep_alive_s", 3650 * kDay, lifetimes.keep_alive);
  ReadMilliseconds(reader, "spool_after_ms", 60'000, lifetimes.spool_after);
  ReadSeconds(reader, "ledger_s", 3650 * kDay, lifetimes.ledger);
  ReadMilliseconds(reader, "ledger_check_ms", 60'000, lifetimes.ledger_check);
  ReadSeconds(reader, "previous_secret_s", 90 * kDay, lifetimes.previous_secret);
  ReadSeconds(reader, "inbox_key_s", 30 * kDay, lifetimes.inbox_key);
  ReadMilliseconds(reader, "app_refresh_ms", 25'000, config.app_refresh);
  ReadMilliseconds(reader, "sweep_interval_ms", 60'000, config.sweep_interval);
}

void ReadKeys(ConfigReader reader, KeySettings& keys) {
  ReadMilliseconds(reader, "report_interval_ms", 30'000, keys.report_interval);
  ReadSeconds(reader, "replica_stale_s", 3600, keys.replica_stale);
  keys.retire_after = std::chrono::seconds(
      reader.Integer("retire_after_s", 0, 365 * kDay, keys.retire_after.count() / 1000));
  ReadSeconds(reader, "rotate_every_s", 365 * kDay, keys.rotate_every);
  ReadSeconds(reader, "destroy_after_s", 3650 * kDay, keys.destroy_after);
  keys.rewrap_batch = static_cast<int>(reader.Integer("rewrap_batch", 1, 1'000, keys.rewrap_batch));
  keys.rewrap_pause =
      milliseconds(reader.Integer("rewrap_pause_ms", 0, 60'000, keys.rewrap_pause.count()));
  if (keys.replica_stale < keys.report_interval * 4) {
    reader.AddProblem("replica_stale_s", "must be at least four times report_interval_ms");
  }
  // An epoch is replaced, waits to be retired, and is gone by then.
  if (keys.destroy_after < keys.rotate_every + keys.retire_after) {
    reader.AddProblem("destroy_after_s",
                      "must be at least rotate_every_s and retire_after_s together");
  }
}

void ReadZoom(ConfigReader reader, ZoomTimeouts& zoom, ZoomPauses& pauses) {
  ReadMilliseconds(reader, "token_timeout_ms", 25'000, zoom.token);
  ReadMilliseconds(reader, "profile_timeout_ms", 25'000, zoom.profile);
  ReadMilliseconds(reader, "revoke_timeout_ms", 25'000, zoom.revoke);
  ReadMilliseconds(reader, "failing_pause_ms", 60'000, pauses.failing);
  ReadMilliseconds(reader, "app_rejected_pause_ms", 3'600'000, pauses.app_rejected);
}

ClientAuthentication FromFile(projects::ClientAuthentication authentication) {
  switch (authentication) {
    case projects::ClientAuthentication::kSecretBasic:
      return ClientAuthentication::kBasic;
    case projects::ClientAuthentication::kSecretPost:
      return ClientAuthentication::kPost;
    case projects::ClientAuthentication::kNone:
      return ClientAuthentication::kNone;
  }
  return ClientAuthentication::kBasic;
}

ZoomApp FromFile(projects::Project& project) {
  projects::ZoomApp& from = project.zoom_app;
  ZoomApp app;
  app.project_id = project.project_id;
  app.client_id = from.client_id;
  app.client_secret = std::move(from.client_secret);
  app.client_authentication = FromFile(from.client_authentication);
  app.authorization_url = from.authorization_url;
  app.token_url = from.token_url;
  app.revocation_url = from.revocation_url.value_or("");
  app.profile_url = from.profile_url;
  app.api_base_url = from.api_base_url;
  app.redirect_url = from.redirect_url;
  app.expected_scopes = from.expected_scopes;
  app.request_scopes = from.request_scopes;
  app.authorization_parameters = from.authorization_parameters;
  app.profile_pointers = {from.profile_pointers.user_id,    from.profile_pointers.account_id,
                          from.profile_pointers.email,      from.profile_pointers.display_name,
                          from.profile_pointers.first_name, from.profile_pointers.last_name};
  app.ca_file = from.ca_file;
  if (from.webhook_secret.has_value()) app.webhook_secret = *std::move(from.webhook_secret);
  return app;
}

void ReadProjects(ConfigReader& reader, Config& config) {
  config.projects_file = reader.String("projects_file");
  if (config.projects_file.empty()) return;
  projects::ProjectsOptions options;
  options.read_secrets = true;
  options.allow_http_on_loopback = config.common.development();
  absl::StatusOr<std::vector<projects::Project>> projects =
      projects::LoadProjects(config.projects_file, options);
  if (!projects.ok()) {
    reader.AddProblem("projects_file", ToStd(projects.status().message()));
    return;
  }
  for (projects::Project& project : *projects) config.zoom_apps.push_back(FromFile(project));
}

}  // namespace

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  config.grpc = service::ReadGrpcConfig(reader);
  config.database = service::ReadDatabaseConfig(reader, "token-vault", config.common.development());
  config.audit = audit::ReadAuditConfig(reader, config.common.development(), /*counts_reads=*/true);
  config.key_ring_file = reader.String("key_ring_file");
  // Read again when it is used, and whenever it changes.
  if (!config.key_ring_file.empty()) reader.SecretFile("key_ring_file");
  ReadKeys(reader.Object("keys"), config.keys);
  config.key_management = ReadKeyManagement(reader, config.common.development());
  ReadProjects(reader, config);
  ReadZoom(reader.Object("zoom"), config.zoom, config.zoom_pauses);
  ReadLifetimes(reader.Object("lifetimes"), config);
  config.keep_alive_per_second = static_cast<int>(
      reader.Integer("keep_alive_per_second", 0, 100, config.keep_alive_per_second));
  config.imports_per_second =
      static_cast<int>(reader.Integer("imports_per_second", 1, 100, config.imports_per_second));
  config.spool_directory = reader.String("spool_directory", "");
  if (config.spool_directory.empty() && !config.common.development()) {
    reader.AddProblem("spool_directory", "is required outside development");
  }
  config.ledger_directory = reader.String("ledger_directory", "");
  if (config.ledger_directory.empty() && !config.common.development()) {
    reader.AddProblem("ledger_directory", "is required outside development");
  }
  if (config.lifetimes.keep_alive >= config.lifetimes.refresh_token) {
    reader.AddProblem("lifetimes.keep_alive_s", "must be less than refresh_token_s");
  }
  // A lease must outlast the request it protects.
  config.lifetimes.token_request = config.zoom.token;
  if (config.lifetimes.lease < config.zoom.token + milliseconds(5'000)) {
    reader.AddProblem("lifetimes.lease_s", "must exceed zoom.token_timeout_ms by at least 5 s");
  }
  // The wipe follows within a minute: after the deadline one eraser may still wait for Zoom, and
  // the next must find the row.
  if (config.lifetimes.erasure + config.lifetimes.revocation_in_request > milliseconds(55'000)) {
    reader.AddProblem("lifetimes.erasure_deadline_s",
                      "must not exceed 55 s together with revocation_in_request_s");
  }
  return config;
}

boost::json::object DescribeConfig(const Config& config) {
  boost::json::object out = service::DescribeCommonConfig(config.common);
  for (const auto& [key, value] : service::DescribeGrpcConfig(config.grpc)) out[key] = value;
  for (const auto& [key, value] : service::DescribeDatabaseConfig(config.database))
    out[key] = value;
  out["audit"] = audit::DescribeAuditConfig(config.audit, /*counts_reads=*/true);
  out["key_ring_file"] = config.key_ring_file;
  out["keys"] = {{"report_interval_ms", config.keys.report_interval.count()},
                 {"replica_stale_s", config.keys.replica_stale.count() / 1000},
                 {"retire_after_s", config.keys.retire_after.count() / 1000},
                 {"rotate_every_s", config.keys.rotate_every.count() / 1000},
                 {"destroy_after_s", config.keys.destroy_after.count() / 1000},
                 {"rewrap_batch", config.keys.rewrap_batch},
                 {"rewrap_pause_ms", config.keys.rewrap_pause.count()}};
  out["kms"] = DescribeKeyManagement(config.key_management);
  out["projects_file"] = config.projects_file;
  out["keep_alive_per_second"] = config.keep_alive_per_second;
  out["imports_per_second"] = config.imports_per_second;
  out["spool_directory"] = config.spool_directory;
  out["ledger_directory"] = config.ledger_directory;
  out["zoom"] = {{"token_timeout_ms", config.zoom.token.count()},
                 {"profile_timeout_ms", config.zoom.profile.count()},
                 {"revoke_timeout_ms", config.zoom.revoke.count()},
                 {"failing_pause_ms", config.zoom_pauses.failing.count()},
                 {"app_rejected_pause_ms", config.zoom_pauses.app_rejected.count()}};
  const Lifetimes& lifetimes = config.lifetimes;
  out["lifetimes"] = {
      {"ticket_s", lifetimes.ticket.count() / 1000},
      {"attempt_s", lifetimes.attempt.count() / 1000},
      {"exchange_s", lifetimes.exchange.count() / 1000},
      {"pending_grant_s", lifetimes.pending_grant.count() / 1000},
      {"refresh_margin_s", lifetimes.refresh_margin.count() / 1000},
      {"lease_s", lifetimes.lease.count() / 1000},
      {"suspect_s", lifetimes.suspect.count() / 1000},
      {"erasure_deadline_s", lifetimes.erasure.count() / 1000},
      {"revocation_in_request_s", lifetimes.revocation_in_request.count() / 1000},
      {"reconnect_required_profile_s", lifetimes.reconnect_required_profile.count() / 1000},
      {"record_retention_s", lifetimes.record_retention.count() / 1000},
      {"refresh_token_s", lifetimes.refresh_token.count() / 1000},
      {"keep_alive_s", lifetimes.keep_alive.count() / 1000},
      {"spool_after_ms", lifetimes.spool_after.count()},
      {"ledger_s", lifetimes.ledger.count() / 1000},
      {"ledger_check_ms", lifetimes.ledger_check.count()},
      {"previous_secret_s", lifetimes.previous_secret.count() / 1000},
      {"inbox_key_s", lifetimes.inbox_key.count() / 1000},
      {"app_refresh_ms", config.app_refresh.count()},
      {"sweep_interval_ms", config.sweep_interval.count()}};
  return out;
}

}  // namespace shodan::tokenvault
