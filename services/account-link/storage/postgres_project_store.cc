// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_project_store.h"

#include <utility>

#include "libs/audit/audit.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/storage/project_settings.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Row;

constexpr char kFind[] =
    "SELECT project_id, display_name, settings, revision, updated_at FROM projects"
    " WHERE project_id = $1";

absl::StatusOr<ProjectSettings> ReadProject(const Row& row) {
  ProjectSettings read;
  read.project.project_id = row.Text("project_id");
  read.project.display_name = row.Text("display_name");
  if (!ReadSettings(row.Text("settings"), read.project)) {
    return Internal("STORED_VALUE_UNKNOWN", "A project's stored settings cannot be read.");
  }
  read.updated_at = row.Timestamp("updated_at");
  read.etag = row.Text("revision");
  return read;
}

// Tells entries of the projects file apart.
std::string EntryDigest(const Project& project) {
  return Sha256(std::string_view(
      LengthPrefixed({project.project_id, project.display_name, WriteSettings(project)})));
}

absl::Status ApplyEntry(postgres::Session& session, const Project& project) {
  const std::string digest = EntryDigest(project);
  Params params;
  params.Text(project.project_id)
      .Text(project.display_name)
      .Text(WriteSettings(project))
      .Bytes(digest);
  return session
      .Execute(
          "INSERT INTO projects AS present (project_id, display_name, settings, file_entry)"
          " VALUES ($1, $2, $3::jsonb, $4) ON CONFLICT (project_id) DO UPDATE SET display_name ="
          " excluded.display_name, settings = excluded.settings, file_entry = excluded.file_entry,"
          " revision = present.revision + 1, updated_at = now() WHERE present.file_entry IS"
          " DISTINCT FROM excluded.file_entry",
          params)
      .status();
}

// The projects that the file names no more.
absl::Status RemoveOthers(postgres::Session& session, const std::vector<Project>& projects) {
  SHODAN_ASSIGN_OR_RETURN(const Result stored, session.Execute("SELECT project_id FROM projects"));
  for (int i = 0; i < stored.size(); ++i) {
    const std::string project_id = stored[i].Text("project_id");
    bool listed = false;
    for (const Project& project : projects) listed = listed || project.project_id == project_id;
    if (listed) continue;
    Params params;
    params.Text(project_id);
    SHODAN_RETURN_IF_ERROR(
        session.Execute("DELETE FROM projects WHERE project_id = $1", params).status());
  }
  return absl::OkStatus();
}

absl::Status WriteAudit(postgres::Session& session, const Project& project,
                        const std::vector<std::string>& actions, const Actor& actor) {
  std::vector<audit::AuditRecord> records;
  for (const std::string& action : actions) {
    audit::AuditRecord record;
    record.project_id = project.project_id;
    record.actor = actor.name;
    record.caller = actor.caller;
    record.request_id = actor.request_id;
    record.action = action;
    records.push_back(std::move(record));
  }
  return audit::AppendAll(session, records);
}

}  // namespace

absl::StatusOr<std::optional<Project>> PostgresProjectStore::Find(const std::string& project_id,
                                                                  Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(std::optional<ProjectSettings> settings,
                          FindSettings(project_id, deadline));
  if (!settings.has_value()) return std::optional<Project>();
  return std::optional<Project>(std::move(settings->project));
}

absl::StatusOr<std::optional<ProjectSettings>> PostgresProjectStore::FindSettings(
    const std::string& project_id, Deadline deadline) {
  Params params;
  params.Text(project_id);
  SHODAN_ASSIGN_OR_RETURN(const Result found, pool_.Execute(kFind, params, deadline));
  if (found.empty()) return std::optional<ProjectSettings>();
  SHODAN_ASSIGN_OR_RETURN(ProjectSettings settings, ReadProject(found[0]));
  return std::optional<ProjectSettings>(std::move(settings));
}

absl::StatusOr<ProjectSettings> PostgresProjectStore::Replace(
    const Project& project, const std::string& etag, const std::vector<std::string>& actions,
    const Actor& actor, Deadline deadline) {
  ProjectSettings replaced;
  SHODAN_RETURN_IF_ERROR(
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        Params params;
        params.Text(project.project_id)
            .Text(project.display_name)
            .Text(WriteSettings(project))
            .Text(etag);
        SHODAN_ASSIGN_OR_RETURN(
            const Result updated,
            session.Execute("UPDATE projects SET display_name = $2, settings = $3::jsonb, revision"
                            " = revision + 1, updated_at = now() WHERE project_id = $1 AND"
                            " revision::text = $4 RETURNING project_id, display_name, settings,"
                            " revision, updated_at",
                            params));
        if (updated.empty()) return EtagMismatch();
        SHODAN_ASSIGN_OR_RETURN(replaced, ReadProject(updated[0]));
        return WriteAudit(session, project, actions, actor);
      }));
  return replaced;
}

absl::Status PostgresProjectStore::Apply(const std::vector<Project>& projects, Deadline deadline) {
  return pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
    // Replicas that start together apply one after the other.
    SHODAN_RETURN_IF_ERROR(
        session.Execute("LOCK TABLE projects IN SHARE ROW EXCLUSIVE MODE").status());
    SHODAN_RETURN_IF_ERROR(RemoveOthers(session, projects));
    for (const Project& project : projects) {
      SHODAN_RETURN_IF_ERROR(ApplyEntry(session, project));
    }
    return absl::OkStatus();
  });
}

}  // namespace shodan::account_link
