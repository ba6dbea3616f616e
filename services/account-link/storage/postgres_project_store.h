// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/account-link/domain/project_administration.h"
#include "services/account-link/domain/project_store.h"

namespace shodan::account_link {

/// Projects in PostgreSQL, their settings as a JSON object. The pool outlives it.
class PostgresProjectStore final : public ProjectStore, public ProjectSettingsStore {
 public:
  explicit PostgresProjectStore(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<Project>> Find(const std::string& project_id,
                                              Deadline deadline) override;
  absl::StatusOr<std::optional<ProjectSettings>> FindSettings(const std::string& project_id,
                                                              Deadline deadline) override;
  absl::StatusOr<ProjectSettings> Replace(const Project& project, const std::string& etag,
                                          const std::vector<std::string>& actions,
                                          const Actor& actor, Deadline deadline) override;
  absl::Status Apply(const std::vector<Project>& projects, Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace shodan::account_link
