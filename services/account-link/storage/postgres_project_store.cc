// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_project_store.h"

#include <utility>

#include "libs/base/status.h"
#include "services/account-link/storage/project_settings.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;

}  // namespace

absl::StatusOr<std::optional<Project>> PostgresProjectStore::Find(const std::string& project_id,
                                                                  Deadline deadline) {
  Params params;
  params.Text(project_id);
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      pool_.Execute("SELECT display_name, settings FROM projects WHERE project_id = $1", params,
                    deadline));
  if (found.empty()) return std::optional<Project>();
  Project project;
  project.project_id = project_id;
  project.display_name = found[0].Text("display_name");
  if (!ReadSettings(found[0].Text("settings"), project)) {
    return Internal("STORED_VALUE_UNKNOWN", "A project's stored settings cannot be read.");
  }
  return std::optional<Project>(std::move(project));
}

absl::Status PostgresProjectStore::Apply(const std::vector<Project>& projects, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
    // Replicas that start together apply one after the other.
    SHODAN_RETURN_IF_ERROR(
        session.Execute("LOCK TABLE projects IN SHARE ROW EXCLUSIVE MODE").status());
    SHODAN_RETURN_IF_ERROR(session.Execute("DELETE FROM projects").status());
    for (const Project& project : projects) {
      Params params;
      params.Text(project.project_id).Text(project.display_name).Text(WriteSettings(project));
      SHODAN_RETURN_IF_ERROR(
          session
              .Execute("INSERT INTO projects (project_id, display_name, settings)"
                       " VALUES ($1, $2, $3::jsonb)",
                       params)
              .status());
    }
    return absl::OkStatus();
  });
}

}  // namespace shodan::account_link
