// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/zoom_app.h"
#include "services/token-vault/domain/zoom/zoom_app_store.h"
#include "services/token-vault/storage/zoom_app_rows.h"

namespace shodan::tokenvault {

/// The apps in the database, cached. Their secrets are sealed there. Thread-safe.
class PostgresZoomApps : public ZoomApps, public ZoomAppStore {
 public:
  PostgresZoomApps(postgres::Pool& pool, const Sealing& sealing) : pool_(pool), sealing_(sealing) {}

  /// Applies the entries of the projects file, then loads all. An entry that is the one applied
  /// last changes nothing, so that what an administrator set stays; any other becomes the present
  /// app of its project, under the id its client id already has or a new one. A secret that it
  /// replaces is kept for `keep_previous`. Replicas may do this at the same time.
  absl::Status Apply(std::vector<ZoomApp> apps, std::chrono::milliseconds keep_previous,
                     Deadline deadline);
  /// Loads what other replicas changed, and wipes previous secrets whose time is over.
  absl::Status Refresh(Deadline deadline);

  ZoomAppPtr ForProject(const std::string& project_id) const override;
  ZoomAppPtr ById(const std::string& zoom_app_id) const override;
  ZoomAppPtr ByClientId(const std::string& client_id) const override;
  ZoomAppPtr OnlyOne() const override;

  absl::StatusOr<std::optional<ZoomAppRecord>> FindRecord(const std::string& project_id,
                                                          Deadline deadline) override;
  absl::StatusOr<ChangedZoomApp> Change(const ZoomAppChange& change,
                                        std::chrono::milliseconds keep_previous, const Actor& actor,
                                        Deadline deadline) override;
  absl::StatusOr<std::optional<LastGrantedScopes>> FindScopes(const std::string& zoom_app_id,
                                                              const std::string& project_id,
                                                              const std::string& user_id,
                                                              Deadline deadline) override;
  absl::StatusOr<std::vector<TokenKey>> ListReplaced(int limit, Deadline deadline) override;

 private:
  absl::Status ApplyEntry(postgres::Session& session, const ZoomApp& app,
                          std::chrono::milliseconds keep_previous);
  /// The row that becomes present: the changed one, or another app's with the same endpoints.
  absl::StatusOr<ZoomAppRow> Target(postgres::Session& session, ZoomAppRow present,
                                    const std::string& client_id);
  absl::Status ChangeInside(postgres::Session& session, const ZoomAppChange& change,
                            std::chrono::milliseconds keep_previous, const Actor& actor,
                            ChangedZoomApp& changed);
  absl::Status Load(Deadline deadline);

  postgres::Pool& pool_;
  const Sealing& sealing_;
  mutable std::mutex mutex_;
  std::map<std::string, ZoomAppPtr> by_id_;
  std::map<std::string, ZoomAppPtr> by_project_;
};

}  // namespace shodan::tokenvault
