// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/zoom_app_rows.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/token-vault/storage/zoom_app_settings.h"

namespace shodan::tokenvault {
namespace {

using postgres::Params;
using postgres::Row;
using AppField = Sealing::AppField;

absl::StatusOr<Secret> Open(const Row& row, const char* column, AppField field, const ZoomApp& app,
                            const Sealing& sealing) {
  const std::optional<std::string> sealed = row.OptionalBytes(column);
  if (!sealed.has_value()) return Secret();
  return sealing.OpenAppField(field, app.zoom_app_id, app.project_id, *sealed);
}

std::optional<std::string> Seal(AppField field, const ZoomApp& app, const Secret& value,
                                const Sealing& sealing) {
  if (value.empty()) return std::nullopt;
  return sealing.SealAppField(field, app.zoom_app_id, app.project_id, value);
}

bool Replace(Secret& present, Secret& previous, SecretStatus& status, Secret secret, Time now,
             std::chrono::milliseconds keep) {
  if (present == secret) return false;
  if (!present.empty() && !secret.empty()) {
    previous = std::move(present);
    status.previous_until = now + keep;
  } else {
    previous = Secret();
    status.previous_until.reset();
  }
  present = std::move(secret);
  status.present = !present.empty();
  status.set_at = status.present ? std::optional<Time>(now) : std::nullopt;
  return true;
}

void Lapse(Secret& previous, SecretStatus& status, Time now) {
  if (!status.previous_until.has_value() || *status.previous_until > now) return;
  previous = Secret();
  status.previous_until.reset();
}

}  // namespace

absl::StatusOr<ZoomAppRow> ReadZoomApp(const Row& row, const Sealing& sealing) {
  ZoomAppRow read;
  ZoomApp& app = read.app;
  app.zoom_app_id = row.Text("zoom_app_id");
  app.project_id = row.Text("project_id");
  app.client_id = row.Text("client_id");
  app.revision = row.Int("revision");
  SHODAN_RETURN_IF_ERROR(DecodeSettings(row.Text("settings"), app));
  SHODAN_ASSIGN_OR_RETURN(app.client_secret,
                          Open(row, "client_secret", AppField::kClientSecret, app, sealing));
  SHODAN_ASSIGN_OR_RETURN(
      app.previous_client_secret,
      Open(row, "previous_client_secret", AppField::kPreviousClientSecret, app, sealing));
  SHODAN_ASSIGN_OR_RETURN(app.webhook_secret,
                          Open(row, "webhook_secret", AppField::kWebhookSecret, app, sealing));
  SHODAN_ASSIGN_OR_RETURN(
      app.previous_webhook_secret,
      Open(row, "previous_webhook_secret", AppField::kPreviousWebhookSecret, app, sealing));
  SHODAN_ASSIGN_OR_RETURN(read.file_entry,
                          Open(row, "file_entry", AppField::kFileEntry, app, sealing));
  read.client_secret = {!app.client_secret.empty(), row.OptionalTimestamp("client_secret_set_at"),
                        row.OptionalTimestamp("previous_client_secret_until")};
  read.webhook_secret = {!app.webhook_secret.empty(),
                         row.OptionalTimestamp("webhook_secret_set_at"),
                         row.OptionalTimestamp("previous_webhook_secret_until")};
  read.is_current = row.Bool("is_current");
  read.updated_at = row.Timestamp("updated_at");
  read.now = row.Timestamp("now");
  Lapse(app.previous_client_secret, read.client_secret, read.now);
  Lapse(app.previous_webhook_secret, read.webhook_secret, read.now);
  return read;
}

ZoomAppRecord RecordOf(const ZoomAppRow& row) {
  const ZoomApp& app = row.app;
  return {.zoom_app_id = app.zoom_app_id,
          .project_id = app.project_id,
          .client_id = app.client_id,
          .client_authentication = app.client_authentication,
          .redirect_url = app.redirect_url,
          .request_scopes = app.request_scopes,
          .expected_scopes = app.expected_scopes,
          .client_secret = row.client_secret,
          .webhook_secret = row.webhook_secret,
          .updated_at = row.updated_at,
          .etag = Join(app.zoom_app_id, ".", std::to_string(app.revision))};
}

bool ReplaceClientSecret(ZoomAppRow& row, Secret secret, std::chrono::milliseconds keep) {
  return Replace(row.app.client_secret, row.app.previous_client_secret, row.client_secret,
                 std::move(secret), row.now, keep);
}

bool ReplaceWebhookSecret(ZoomAppRow& row, Secret secret, std::chrono::milliseconds keep) {
  return Replace(row.app.webhook_secret, row.app.previous_webhook_secret, row.webhook_secret,
                 std::move(secret), row.now, keep);
}

void ForgetPreviousClientSecret(ZoomAppRow& row) {
  row.app.previous_client_secret = Secret();
  row.client_secret.previous_until.reset();
}

void ForgetPreviousWebhookSecret(ZoomAppRow& row) {
  row.app.previous_webhook_secret = Secret();
  row.webhook_secret.previous_until.reset();
}

absl::Status WriteCurrentApp(postgres::Session& session, const ZoomAppRow& row,
                             const Sealing& sealing) {
  const ZoomApp& app = row.app;
  SHODAN_RETURN_IF_ERROR(session
                             .Execute("UPDATE zoom_apps SET is_current = false WHERE project_id = "
                                      "$1 AND is_current AND zoom_app_id <> $2",
                                      Params().Text(app.project_id).Text(app.zoom_app_id))
                             .status());
  return session
      .Execute(
          "INSERT INTO zoom_apps (zoom_app_id, project_id, client_id, settings, client_secret, "
          "client_secret_set_at, previous_client_secret, previous_client_secret_until, "
          "webhook_secret, webhook_secret_set_at, previous_webhook_secret, "
          "previous_webhook_secret_until, file_entry, is_current) VALUES ($1, $2, $3, $4::jsonb, "
          "$5, $6, $7, $8, $9, $10, $11, $12, $13, true) ON CONFLICT (zoom_app_id) DO UPDATE SET "
          "settings = excluded.settings, client_secret = excluded.client_secret, "
          "client_secret_set_at = excluded.client_secret_set_at, previous_client_secret = "
          "excluded.previous_client_secret, previous_client_secret_until = "
          "excluded.previous_client_secret_until, webhook_secret = excluded.webhook_secret, "
          "webhook_secret_set_at = excluded.webhook_secret_set_at, previous_webhook_secret = "
          "excluded.previous_webhook_secret, previous_webhook_secret_until = "
          "excluded.previous_webhook_secret_until, file_entry = excluded.file_entry, is_current = "
          "true, revision = zoom_apps.revision + 1, updated_at = now()",
          Params()
              .Text(app.zoom_app_id)
              .Text(app.project_id)
              .Text(app.client_id)
              .Text(EncodeSettings(app))
              .BytesOrNull(Seal(AppField::kClientSecret, app, app.client_secret, sealing))
              .TimeOrNull(row.client_secret.set_at)
              .BytesOrNull(
                  Seal(AppField::kPreviousClientSecret, app, app.previous_client_secret, sealing))
              .TimeOrNull(row.client_secret.previous_until)
              .BytesOrNull(Seal(AppField::kWebhookSecret, app, app.webhook_secret, sealing))
              .TimeOrNull(row.webhook_secret.set_at)
              .BytesOrNull(
                  Seal(AppField::kPreviousWebhookSecret, app, app.previous_webhook_secret, sealing))
              .TimeOrNull(row.webhook_secret.previous_until)
              .BytesOrNull(Seal(AppField::kFileEntry, app, row.file_entry, sealing)))
      .status();
}

}  // namespace shodan::tokenvault
