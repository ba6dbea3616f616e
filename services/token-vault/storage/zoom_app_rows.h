// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/zoom_app_store.h"

namespace shodan::tokenvault {

/// A row of zoom_apps with its sealed fields opened.
struct ZoomAppRow {
  ZoomApp app;
  SecretStatus client_secret;
  SecretStatus webhook_secret;
  Secret file_entry;  ///< digest of the file's entry that was applied to it last; empty for none
  bool is_current = false;
  Time updated_at;
  Time now;  ///< the database's, of the transaction
};

inline constexpr char kZoomAppColumns[] =
    "zoom_app_id, project_id, client_id, settings::text AS settings, client_secret, "
    "client_secret_set_at, previous_client_secret, previous_client_secret_until, webhook_secret, "
    "webhook_secret_set_at, previous_webhook_secret, previous_webhook_secret_until, file_entry, "
    "is_current, revision, updated_at, now() AS now";

/// Reads kZoomAppColumns; a previous secret whose time is over reads as none.
absl::StatusOr<ZoomAppRow> ReadZoomApp(const postgres::Row& row, const Sealing& sealing);
ZoomAppRecord RecordOf(const ZoomAppRow& row);

/// Puts new secrets in; the ones they replace are kept for `keep`, the same ones change nothing.
/// True when the secret is another one.
bool ReplaceClientSecret(ZoomAppRow& row, Secret secret, std::chrono::milliseconds keep);
bool ReplaceWebhookSecret(ZoomAppRow& row, Secret secret, std::chrono::milliseconds keep);
void ForgetPreviousClientSecret(ZoomAppRow& row);
void ForgetPreviousWebhookSecret(ZoomAppRow& row);

/// Writes the row as its project's present app, sealed anew; counts its revision.
absl::Status WriteCurrentApp(postgres::Session& session, const ZoomAppRow& row,
                             const Sealing& sealing);

}  // namespace shodan::tokenvault
