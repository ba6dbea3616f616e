// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/postgres_zoom_apps.h"

#include <memory>
#include <utility>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/token-vault/storage/zoom_app_settings.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;
using postgres::Session;

// Replicas that start together apply the same file one after the other.
constexpr int64_t kApplyLock = 7'002;

}  // namespace

absl::Status PostgresZoomApps::Apply(std::vector<ZoomApp> apps, Deadline deadline) {
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(
        session.Execute("SELECT pg_advisory_xact_lock($1)", Params().Int(kApplyLock)).status());
    for (const ZoomApp& app : apps) SHODAN_RETURN_IF_ERROR(Store(session, app));
    return absl::OkStatus();
  }));
  return Load(deadline);
}

absl::Status PostgresZoomApps::Store(Session& session, const ZoomApp& app) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result known,
      session.Execute("SELECT zoom_app_id, project_id FROM zoom_apps WHERE client_id = $1",
                      Params().Text(app.client_id)));
  if (!known.empty() && known[0].Text("project_id") != app.project_id) {
    return FailedPrecondition("CLIENT_ID_TAKEN",
                              "A client id of the projects file belongs to another project.");
  }
  const std::string id = known.empty() ? RandomUuid() : known[0].Text("zoom_app_id");
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("UPDATE zoom_apps SET is_current = false WHERE project_id = "
                                      "$1 AND is_current AND zoom_app_id <> $2",
                                      Params().Text(app.project_id).Text(id))
                             .status());
  std::optional<std::string> sealed;
  if (!app.client_secret.empty()) {
    sealed = sealing_.SealClientSecret(id, app.project_id, app.client_secret);
  }
  return session
      .Execute(
          "INSERT INTO zoom_apps (zoom_app_id, project_id, client_id, settings, "
          "client_secret, is_current) VALUES ($1, $2, $3, $4::jsonb, $5, true) ON CONFLICT "
          "(zoom_app_id) DO UPDATE SET settings = excluded.settings, client_secret = "
          "excluded.client_secret, is_current = true, updated_at = now()",
          Params()
              .Text(id)
              .Text(app.project_id)
              .Text(app.client_id)
              .Text(EncodeSettings(app))
              .BytesOrNull(sealed))
      .status();
}

absl::Status PostgresZoomApps::Load(Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result result,
      pool_.Execute("SELECT zoom_app_id, project_id, client_id, settings::text AS settings, "
                    "client_secret, is_current FROM zoom_apps",
                    Params(), deadline));
  std::map<std::string, ZoomAppPtr> by_id;
  std::map<std::string, ZoomAppPtr> by_project;
  for (int i = 0; i < result.size(); ++i) {
    const Row row = result[i];
    auto app = std::make_shared<ZoomApp>();
    app->zoom_app_id = row.Text("zoom_app_id");
    app->project_id = row.Text("project_id");
    app->client_id = row.Text("client_id");
    SHODAN_RETURN_IF_ERROR(DecodeSettings(row.Text("settings"), *app));
    if (const auto sealed = row.OptionalBytes("client_secret"); sealed.has_value()) {
      SHODAN_ASSIGN_OR_RETURN(app->client_secret, sealing_.OpenClientSecret(
                                                      app->zoom_app_id, app->project_id, *sealed));
    }
    if (row.Bool("is_current")) by_project[app->project_id] = app;
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

}  // namespace shodan::tokenvault
