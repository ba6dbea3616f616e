// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "libs/postgres/pool.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/zoom_app.h"

namespace shodan::tokenvault {

/// The apps in the database, cached. Client secrets are sealed there. Thread-safe.
class PostgresZoomApps : public ZoomApps {
 public:
  PostgresZoomApps(postgres::Pool& pool, const Sealing& sealing) : pool_(pool), sealing_(sealing) {}

  /// Makes each the present app of its project, under the id its client id already has or a new
  /// one, then loads all. Replicas may do this at the same time.
  absl::Status Apply(std::vector<ZoomApp> apps, Deadline deadline);

  ZoomAppPtr ForProject(const std::string& project_id) const override;
  ZoomAppPtr ById(const std::string& zoom_app_id) const override;

 private:
  absl::Status Store(postgres::Session& session, const ZoomApp& app);
  absl::Status Load(Deadline deadline);

  postgres::Pool& pool_;
  const Sealing& sealing_;
  mutable std::mutex mutex_;
  std::map<std::string, ZoomAppPtr> by_id_;
  std::map<std::string, ZoomAppPtr> by_project_;
};

}  // namespace shodan::tokenvault
