// SPDX-License-Identifier: Apache-2.0
#include "services/automation/storage/postgres_endpoint_store.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "services/automation/domain/errors.h"
#include "services/automation/storage/endpoint_rows.h"

namespace shodan::automation {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Session;

Params NameParams(const std::string& project_id, const std::string& endpoint_id) {
  Params params;
  params.Text(project_id).Text(endpoint_id);
  return params;
}

const std::string& FindSql() {
  static const std::string sql =
      Join("SELECT ", kEndpointColumns,
           " FROM webhook_endpoints e WHERE e.project_id = $1 AND e.endpoint_id = $2");
  return sql;
}

absl::StatusOr<Endpoint> ReadOnly(const Result& result) {
  if (result.empty()) return EndpointNotFound();
  return ReadEndpoint(result[0]);
}

absl::StatusOr<Endpoint> FindInside(Session& session, const std::string& project_id,
                                    const std::string& endpoint_id) {
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          session.Execute(FindSql(), NameParams(project_id, endpoint_id)));
  return ReadOnly(found);
}

// The project's watch: locked, so that two new endpoints cannot both be the last one allowed, and a
// new one is not left without it by the deletion of the one before.
absl::Status LockWatch(Session& session, const std::string& project_id) {
  Params project;
  project.Text(project_id);
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO link_watches (project_id) VALUES ($1) ON CONFLICT DO NOTHING",
                   project)
          .status());
  return session.Execute("SELECT 1 FROM link_watches WHERE project_id = $1 FOR UPDATE", project)
      .status();
}

absl::StatusOr<int64_t> CountOf(Session& session, const std::string& project_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result counted,
      session.Execute("SELECT count(*) AS endpoints FROM webhook_endpoints WHERE project_id = $1",
                      Params().Text(project_id)));
  return counted[0].Int("endpoints");
}

absl::Status InsertSecret(Session& session, const std::string& endpoint_id,
                          const SealedSecret& secret) {
  return session
      .Execute("INSERT INTO endpoint_secrets (secret_id, endpoint_id, secret) VALUES ($1, $2, $3)",
               Params().Text(secret.secret_id).Text(endpoint_id).Bytes(secret.sealed))
      .status();
}

absl::Status LockEndpoint(Session& session, const std::string& project_id,
                          const std::string& endpoint_id) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result locked,
      session.Execute("SELECT 1 FROM webhook_endpoints WHERE project_id = $1 AND endpoint_id = $2 "
                      "FOR NO KEY UPDATE",
                      NameParams(project_id, endpoint_id)));
  return locked.empty() ? EndpointNotFound() : absl::OkStatus();
}

// Whoever enables an endpoint says that it works again: its failures are forgotten.
absl::Status ChangeInside(Session& session, const EndpointChange& change) {
  std::optional<std::string> state;
  if (change.state.has_value()) {
    state = *change.state == EndpointState::kEnabled ? "enabled" : "disabled";
  }
  std::optional<std::string> types;
  if (change.event_types.has_value()) types = ArrayText(*change.event_types);
  return session
      .Execute(
          "UPDATE webhook_endpoints SET url = coalesce($3, url), event_types = "
          "coalesce($4::text[], event_types), state = coalesce($5::text, state), disabled_reason = "
          "CASE WHEN $5::text = 'enabled' THEN '' WHEN $5::text = 'disabled' AND state = 'enabled' "
          "THEN 'ADMINISTRATOR' ELSE disabled_reason END, consecutive_failures = CASE WHEN "
          "$5::text "
          "= 'enabled' THEN 0 ELSE consecutive_failures END, failing_since = CASE WHEN $5::text = "
          "'enabled' THEN NULL ELSE failing_since END, blocked_until = CASE WHEN $5::text = "
          "'enabled' THEN now() ELSE blocked_until END, updated_at = now() WHERE project_id = $1 "
          "AND endpoint_id = $2",
          NameParams(change.project_id, change.endpoint_id)
              .TextOrNull(change.url)
              .TextOrNull(types)
              .TextOrNull(state))
      .status();
}

absl::Status EndpointRotating() {
  return FailedPrecondition(reason::kEndpointRotating,
                            "An earlier secret of this endpoint still signs. Wait until it ends, "
                            "or rotate without an overlap.");
}

absl::Status RotateInside(Session& session, const std::string& endpoint_id,
                          const SealedSecret& secret, std::chrono::seconds overlap) {
  Params endpoint;
  endpoint.Text(endpoint_id);
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("DELETE FROM endpoint_secrets WHERE endpoint_id = $1 AND expires_at <= now()",
                   endpoint)
          .status());
  if (overlap.count() == 0) {
    SHODAN_RETURN_IF_ERROR(
        session.Execute("DELETE FROM endpoint_secrets WHERE endpoint_id = $1", endpoint).status());
    return InsertSecret(session, endpoint_id, secret);
  }
  SHODAN_ASSIGN_OR_RETURN(
      const Result earlier,
      session.Execute(
          "SELECT 1 FROM endpoint_secrets WHERE endpoint_id = $1 AND expires_at IS NOT NULL",
          endpoint));
  if (!earlier.empty()) return EndpointRotating();
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("UPDATE endpoint_secrets SET expires_at = now() + $2::interval WHERE "
                   "endpoint_id = $1",
                   Params().Text(endpoint_id).Interval(overlap))
          .status());
  return InsertSecret(session, endpoint_id, secret);
}

}  // namespace

absl::StatusOr<Endpoint> PostgresEndpointStore::Insert(const NewEndpoint& endpoint,
                                                       int endpoints_max, const Actor& actor,
                                                       Deadline deadline) {
  absl::StatusOr<Endpoint> made = EndpointNotFound();
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockWatch(session, endpoint.project_id));
    SHODAN_ASSIGN_OR_RETURN(const int64_t count, CountOf(session, endpoint.project_id));
    if (count >= endpoints_max) {
      return FailedPrecondition(reason::kTooManyEndpoints,
                                "This project has as many webhook endpoints as it may have. "
                                "Delete one first.");
    }
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO webhook_endpoints (project_id, endpoint_id, url, event_types) "
                     "VALUES ($1, $2, $3, $4::text[])",
                     NameParams(endpoint.project_id, endpoint.endpoint_id)
                         .Text(endpoint.url)
                         .Text(ArrayText(endpoint.event_types)))
            .status());
    SHODAN_RETURN_IF_ERROR(InsertSecret(session, endpoint.endpoint_id, endpoint.secret));
    made = FindInside(session, endpoint.project_id, endpoint.endpoint_id);
    SHODAN_RETURN_IF_ERROR(made.status());
    return AuditEndpoint(session, endpoint.project_id, actor, "webhook_endpoint.created",
                         {{"webhookEndpointId", endpoint.endpoint_id}});
  }));
  return made;
}

absl::StatusOr<Endpoint> PostgresEndpointStore::Find(const std::string& project_id,
                                                     const std::string& endpoint_id,
                                                     Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(const Result found,
                          pool_.Execute(FindSql(), NameParams(project_id, endpoint_id), deadline));
  return ReadOnly(found);
}

absl::StatusOr<std::vector<Endpoint>> PostgresEndpointStore::List(const std::string& project_id,
                                                                  int64_t after_number, int limit,
                                                                  Deadline deadline) {
  static const std::string sql =
      Join("SELECT ", kEndpointColumns,
           " FROM webhook_endpoints e WHERE e.project_id = $1 AND e.endpoint_number > $2 ORDER BY "
           "e.endpoint_number LIMIT $3");
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      pool_.Execute(sql, Params().Text(project_id).Int(after_number).Int(limit), deadline));
  std::vector<Endpoint> endpoints;
  for (int i = 0; i < found.size(); ++i) {
    SHODAN_ASSIGN_OR_RETURN(Endpoint endpoint, ReadEndpoint(found[i]));
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

absl::StatusOr<Endpoint> PostgresEndpointStore::Update(const EndpointChange& change,
                                                       const Actor& actor, Deadline deadline) {
  absl::StatusOr<Endpoint> changed = EndpointNotFound();
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockEndpoint(session, change.project_id, change.endpoint_id));
    SHODAN_RETURN_IF_ERROR(ChangeInside(session, change));
    changed = FindInside(session, change.project_id, change.endpoint_id);
    SHODAN_RETURN_IF_ERROR(changed.status());
    return AuditEndpoint(
        session, change.project_id, actor, "webhook_endpoint.updated",
        {{"webhookEndpointId", change.endpoint_id},
         {"state", changed->state == EndpointState::kEnabled ? "enabled" : "disabled"}});
  }));
  return changed;
}

absl::Status PostgresEndpointStore::Delete(const std::string& project_id,
                                           const std::string& endpoint_id, const Actor& actor,
                                           Deadline deadline) {
  return pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("SELECT 1 FROM link_watches WHERE project_id = $1 FOR UPDATE",
                     Params().Text(project_id))
            .status());
    SHODAN_ASSIGN_OR_RETURN(
        const Result deleted,
        session.Execute("DELETE FROM webhook_endpoints WHERE project_id = $1 AND endpoint_id = $2",
                        NameParams(project_id, endpoint_id)));
    if (deleted.affected_rows() == 0) return EndpointNotFound();
    SHODAN_ASSIGN_OR_RETURN(const int64_t count, CountOf(session, project_id));
    if (count == 0) {
      SHODAN_RETURN_IF_ERROR(
          session
              .Execute("DELETE FROM link_watches WHERE project_id = $1", Params().Text(project_id))
              .status());
    }
    return AuditEndpoint(session, project_id, actor, "webhook_endpoint.deleted",
                         {{"webhookEndpointId", endpoint_id}});
  });
}

absl::StatusOr<Endpoint> PostgresEndpointStore::Rotate(const std::string& project_id,
                                                       const std::string& endpoint_id,
                                                       const SealedSecret& secret,
                                                       std::chrono::seconds overlap,
                                                       const Actor& actor, Deadline deadline) {
  absl::StatusOr<Endpoint> rotated = EndpointNotFound();
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    SHODAN_RETURN_IF_ERROR(LockEndpoint(session, project_id, endpoint_id));
    SHODAN_RETURN_IF_ERROR(RotateInside(session, endpoint_id, secret, overlap));
    SHODAN_RETURN_IF_ERROR(
        session
            .Execute("UPDATE webhook_endpoints SET rotated_at = now(), updated_at = now() WHERE "
                     "project_id = $1 AND endpoint_id = $2",
                     NameParams(project_id, endpoint_id))
            .status());
    rotated = FindInside(session, project_id, endpoint_id);
    SHODAN_RETURN_IF_ERROR(rotated.status());
    return AuditEndpoint(
        session, project_id, actor, "webhook_endpoint.secret_rotated",
        {{"webhookEndpointId", endpoint_id}, {"overlapSeconds", int64_t{overlap.count()}}});
  }));
  return rotated;
}

}  // namespace shodan::automation
