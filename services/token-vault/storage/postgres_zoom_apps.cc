// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_zoom_apps.h"

#include <memory>
#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/errors.h"
#include "services/token-vault/storage/zoom_app_settings.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// Whoever changes apps does it one after the other: replicas that start together, administrators.
constexpr int64_t kApplyLock = 7'002;

absl::Status LockApps(Session& session) {
  return session.Execute("SELECT pg_advisory_xact_lock($1)", Params().Int(kApplyLock)).status();
}

// Tells entries of the file apart. It depends on secrets and is therefore sealed like one.
Secret EntryDigest(const ZoomApp& app) {
  return Secret::Take(Sha256(
      std::string_view(LengthPrefixed({app.client_id, EncodeSettings(app),
                                       Sha256(app.client_secret), Sha256(app.webhook_secret)}))));
}

absl::StatusOr<std::optional<ZoomAppRow>> FindRow(Session& session, const char* condition,
                                                  const std::string& value,
                                                  const Sealing& sealing) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      session.Execute(Join("SELECT ", kZoomAppColumns, " FROM zoom_apps WHERE ", condition),
                      Params().Text(value)));
  if (found.empty()) return std::optional<ZoomAppRow>();
  SHODAN_ASSIGN_OR_RETURN(ZoomAppRow row, ReadZoomApp(found[0], sealing));
  return std::optional<ZoomAppRow>(std::move(row));
}

absl::StatusOr<ZoomAppRow> NewRow(Session& session, const std::string& project_id,
                                  const std::string& client_id) {
  SHODAN_ASSIGN_OR_RETURN(const Result clock, session.Execute("SELECT now() AS now", Params()));
  ZoomAppRow row;
  row.app.zoom_app_id = RandomUuid();
  row.app.project_id = project_id;
  row.app.client_id = client_id;
  row.now = clock[0].Timestamp("now");
  return row;
}

// Everything but ids and secrets.
void CopySettings(const ZoomApp& from, ZoomApp& to) {
  to.client_authentication = from.client_authentication;
  to.authorization_url = from.authorization_url;
  to.token_url = from.token_url;
  to.revocation_url = from.revocation_url;
  to.profile_url = from.profile_url;
  to.api_base_url = from.api_base_url;
  to.redirect_url = from.redirect_url;
  to.expected_scopes = from.expected_scopes;
  to.request_scopes = from.request_scopes;
  to.authorization_parameters = from.authorization_parameters;
  to.profile_pointers = from.profile_pointers;
  to.ca_file = from.ca_file;
}

absl::StatusOr<int64_t> CountActive(Session& session, const std::string& zoom_app_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      session.Execute(
          "SELECT count(*) AS links FROM grants WHERE zoom_app_id = $1 AND state = 'active'",
          Params().Text(zoom_app_id)));
  return result[0].Int("links");
}

// Names what was changed, never to what: one record for each thing.
absl::Status WriteAppAudit(Session& session, const std::vector<std::string>& actions,
                           const ZoomApp& app, const Actor& actor) {
  std::vector<audit::AuditRecord> records;
  for (const std::string& action : actions) {
    audit::AuditRecord record;
    record.project_id = app.project_id;
    record.actor = actor.actor;
    record.caller = actor.caller;
    record.request_id = actor.request_id;
    record.action = action;
    record.details.emplace_back("zoomAppId", app.zoom_app_id);
    records.push_back(std::move(record));
  }
  return records.empty() ? absl::OkStatus() : audit::AppendAll(session, records);
}

// Puts the change into the row; what was done, as audit actions.
std::vector<std::string> Edit(ZoomAppRow& row, const ZoomAppChange& change, bool other_app,
                              std::chrono::milliseconds keep) {
  std::vector<std::string> actions;
  if (other_app) actions.emplace_back("zoom_app.client_id_replaced");
  if (change.remove_previous_client_secret) {
    ForgetPreviousClientSecret(row);
    actions.emplace_back("zoom_app.previous_client_secret_removed");
  }
  if (change.remove_previous_webhook_secret) {
    ForgetPreviousWebhookSecret(row);
    actions.emplace_back("zoom_app.previous_webhook_secret_removed");
  }
  if (!change.client_secret.empty() &&
      ReplaceClientSecret(row, change.client_secret.Clone(), keep)) {
    actions.emplace_back("zoom_app.client_secret_replaced");
  }
  if (!change.webhook_secret.empty() &&
      ReplaceWebhookSecret(row, change.webhook_secret.Clone(), keep)) {
    actions.emplace_back("zoom_app.webhook_secret_replaced");
  }
  if (change.request_scopes.has_value()) row.app.request_scopes = *change.request_scopes;
  if (change.expected_scopes.has_value()) row.app.expected_scopes = *change.expected_scopes;
  if (change.request_scopes.has_value() || change.expected_scopes.has_value()) {
    actions.emplace_back("zoom_app.scopes_replaced");
  }
  return actions;
}

}  // namespace

absl::Status PostgresZoomApps::Apply(std::vector<ZoomApp> apps,
                                     std::chrono::milliseconds keep_previous, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockApps(session));
    for (const ZoomApp& app : apps) {
      SHODAN_RETURN_IF_ERROR(ApplyEntry(session, app, keep_previous));
    }
    return absl::OkStatus();
  }));
  return Load(deadline);
}

absl::Status PostgresZoomApps::ApplyEntry(Session& session, const ZoomApp& app,
                                          std::chrono::milliseconds keep_previous) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<ZoomAppRow> known,
                          FindRow(session, "client_id = $1", app.client_id, sealing_));
  if (known.has_value() && known->app.project_id != app.project_id) {
    return FailedPrecondition(kClientIdTaken,
                              "A client id of the projects file belongs to another project.");
  }
  Secret digest = EntryDigest(app);
  if (known.has_value() && known->file_entry == digest) return absl::OkStatus();
  if (!known.has_value()) {
    SHODAN_ASSIGN_OR_RETURN(known, NewRow(session, app.project_id, app.client_id));
  }
  CopySettings(app, known->app);
  ReplaceClientSecret(*known, app.client_secret.Clone(), keep_previous);
  // A file that names none says nothing about it.
  if (!app.webhook_secret.empty()) {
    ReplaceWebhookSecret(*known, app.webhook_secret.Clone(), keep_previous);
  }
  known->file_entry = std::move(digest);
  SHODAN_RETURN_IF_ERROR(WriteCurrentApp(session, *known, sealing_));
  return session
      .Execute("UPDATE zoom_apps SET file_entry = NULL WHERE project_id = $1 AND zoom_app_id <> $2",
               Params().Text(app.project_id).Text(known->app.zoom_app_id))
      .status();
}

absl::Status PostgresZoomApps::Refresh(Deadline deadline) {
  for (const char* statement :
       {"UPDATE zoom_apps SET previous_client_secret = NULL, previous_client_secret_until = NULL "
        "WHERE previous_client_secret_until < now()",
        "UPDATE zoom_apps SET previous_webhook_secret = NULL, previous_webhook_secret_until = NULL "
        "WHERE previous_webhook_secret_until < now()"}) {
    SHODAN_RETURN_IF_ERROR(pool_.Execute(statement, Params(), deadline).status());
  }
  return Load(deadline);
}

absl::Status PostgresZoomApps::Load(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute(Join("SELECT ", kZoomAppColumns, " FROM zoom_apps"), Params(), deadline));
  std::map<std::string, ZoomAppPtr> by_id;
  std::map<std::string, ZoomAppPtr> by_project;
  for (int i = 0; i < result.size(); ++i) {
    SHODAN_ASSIGN_OR_RETURN(ZoomAppRow row, ReadZoomApp(result[i], sealing_));
    auto app = std::make_shared<const ZoomApp>(std::move(row.app));
    if (row.is_current) by_project[app->project_id] = app;
    by_id[app->zoom_app_id] = app;
  }
  const std::scoped_lock lock(mutex_);
  by_id_ = std::move(by_id);
  by_project_ = std::move(by_project);
  return absl::OkStatus();
}

ZoomAppPtr PostgresZoomApps::ForProject(const std::string& project_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_project_.find(project_id);
  return found == by_project_.end() ? nullptr : found->second;
}

ZoomAppPtr PostgresZoomApps::ById(const std::string& zoom_app_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(zoom_app_id);
  return found == by_id_.end() ? nullptr : found->second;
}

ZoomAppPtr PostgresZoomApps::ByClientId(const std::string& client_id) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [project_id, app] : by_project_) {
    if (app->client_id == client_id) return app;
  }
  return nullptr;
}

ZoomAppPtr PostgresZoomApps::OnlyOne() const {
  const std::scoped_lock lock(mutex_);
  return by_project_.size() == 1 ? by_project_.begin()->second : nullptr;
}

absl::StatusOr<std::optional<ZoomAppRecord>> PostgresZoomApps::FindRecord(
    const std::string& project_id, Deadline deadline) {
  std::optional<ZoomAppRecord> record;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_ASSIGN_OR_RETURN(
        const std::optional<ZoomAppRow> row,
        FindRow(session, "project_id = $1 AND is_current", project_id, sealing_));
    if (row.has_value()) record = RecordOf(*row);
    return absl::OkStatus();
  }));
  return record;
}

absl::StatusOr<ZoomAppRow> PostgresZoomApps::Target(Session& session, ZoomAppRow present,
                                                    const std::string& client_id) {
  if (client_id.empty() || client_id == present.app.client_id) return present;
  SHODAN_ASSIGN_OR_RETURN(std::optional<ZoomAppRow> row,
                          FindRow(session, "client_id = $1", client_id, sealing_));
  if (row.has_value() && row->app.project_id != present.app.project_id) {
    return AlreadyExists(kClientIdTaken, "This client id belongs to another project.");
  }
  if (!row.has_value()) {
    SHODAN_ASSIGN_OR_RETURN(row, NewRow(session, present.app.project_id, client_id));
  }
  CopySettings(present.app, row->app);
  return *std::move(row);
}

absl::Status PostgresZoomApps::ChangeInside(Session& session, const ZoomAppChange& change,
                                            std::chrono::milliseconds keep_previous,
                                            const Actor& actor, ChangedZoomApp& changed) {
  SHODAN_RETURN_IF_ERROR(LockApps(session));
  SHODAN_ASSIGN_OR_RETURN(
      std::optional<ZoomAppRow> present,
      FindRow(session, "project_id = $1 AND is_current", change.project_id, sealing_));
  if (!present.has_value()) {
    return NotFound(kProjectNotFound, "There is no project with this id.");
  }
  changed.record = RecordOf(*present);
  if (changed.record.etag != change.etag) {
    return Aborted(kEtagMismatch,
                   "The Zoom app was changed since you read it. Read it again, then repeat the "
                   "change.");
  }
  SHODAN_ASSIGN_OR_RETURN(ZoomAppRow row, Target(session, *std::move(present), change.client_id));
  const bool other_app = row.app.zoom_app_id != changed.record.zoom_app_id;
  if (other_app) {
    SHODAN_ASSIGN_OR_RETURN(changed.links, CountActive(session, changed.record.zoom_app_id));
  }
  if (change.validate_only) return absl::OkStatus();
  const std::vector<std::string> actions = Edit(row, change, other_app, keep_previous);
  SHODAN_RETURN_IF_ERROR(WriteCurrentApp(session, row, sealing_));
  SHODAN_RETURN_IF_ERROR(WriteAppAudit(session, actions, row.app, actor));
  SHODAN_ASSIGN_OR_RETURN(
      const std::optional<ZoomAppRow> stored,
      FindRow(session, "project_id = $1 AND is_current", change.project_id, sealing_));
  changed.record = RecordOf(*stored);
  return absl::OkStatus();
}

absl::StatusOr<ChangedZoomApp> PostgresZoomApps::Change(const ZoomAppChange& change,
                                                        std::chrono::milliseconds keep_previous,
                                                        const Actor& actor, Deadline deadline) {
  ChangedZoomApp changed;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) {
    changed = {};
    return ChangeInside(session, change, keep_previous, actor, changed);
  }));
  // The change stands, whether or not this replica sees it at once.
  if (!change.validate_only) static_cast<void>(Load(deadline));
  return changed;
}

absl::StatusOr<std::optional<LastGrantedScopes>> PostgresZoomApps::FindScopes(
    const std::string& zoom_app_id, const std::string& project_id, const std::string& user_id,
    Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result own,
      pool_.Execute("SELECT scope FROM grants WHERE project_id = $1 AND user_id = $2 AND "
                    "zoom_app_id = $3 AND state = 'active' AND scope <> ''",
                    Params().Text(project_id).Text(user_id).Text(zoom_app_id), deadline));
  if (!own.empty()) return std::optional<LastGrantedScopes>({true, own[0].Text("scope")});
  SHODAN_ASSIGN_OR_RETURN(
      const Result newest,
      pool_.Execute("SELECT scope FROM grants WHERE zoom_app_id = $1 AND state = 'active' ORDER BY "
                    "stored_at DESC LIMIT 1",
                    Params().Text(zoom_app_id), deadline));
  if (newest.empty() || newest[0].Text("scope").empty()) return std::optional<LastGrantedScopes>();
  return std::optional<LastGrantedScopes>({false, newest[0].Text("scope")});
}

absl::StatusOr<std::vector<TokenKey>> PostgresZoomApps::ListReplaced(int limit, Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT g.link_id, g.generation, g.token_version FROM zoom_apps a JOIN grants "
                    "g USING (zoom_app_id) WHERE NOT a.is_current AND g.state = 'active' AND "
                    "(g.lease_until IS NULL OR g.lease_until < now()) LIMIT $1",
                    Params().Int(limit), deadline));
  std::vector<TokenKey> tokens;
  for (int i = 0; i < result.size(); ++i) {
    tokens.push_back(
        {result[i].Text("link_id"), result[i].Int("generation"), result[i].Int("token_version")});
  }
  return tokens;
}

}  // namespace shodan::tokenvault
