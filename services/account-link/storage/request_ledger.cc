// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/request_ledger.h"

#include <chrono>

#include "libs/base/status.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {

absl::StatusOr<std::string> ClaimRequest(postgres::Session& session,
                                         const IdempotentRequest& request,
                                         const std::string& resource_id) {
  postgres::Params claim;
  claim.Text(request.owner.project_id)
      .Text(request.caller)
      .Text(request.owner.user_id)
      .Text(request.request_id)
      .Text(request.method)
      .Bytes(request.fingerprint)
      .Text(resource_id)
      .Interval(kRequestLifetime);
  SHODAN_ASSIGN_OR_RETURN(
      const postgres::Result claimed,
      session.Execute("INSERT INTO requests AS earlier (project_id, caller, user_id, request_id,"
                      "  method, fingerprint, resource_id, expires_at)"
                      " VALUES ($1, $2, $3, $4::uuid, $5, $6::bytea, $7, now() + $8::interval)"
                      " ON CONFLICT (project_id, caller, user_id, request_id) DO UPDATE"
                      " SET method = excluded.method, fingerprint = excluded.fingerprint,"
                      "  resource_id = excluded.resource_id, expires_at = excluded.expires_at"
                      " WHERE earlier.expires_at <= now()"
                      " RETURNING resource_id",
                      claim));
  if (!claimed.empty()) return resource_id;

  postgres::Params find;
  find.Text(request.owner.project_id)
      .Text(request.caller)
      .Text(request.owner.user_id)
      .Text(request.request_id);
  SHODAN_ASSIGN_OR_RETURN(const postgres::Result earlier,
                          session.Execute("SELECT method, fingerprint, resource_id FROM requests"
                                          " WHERE project_id = $1 AND caller = $2 AND user_id = $3"
                                          "  AND request_id = $4::uuid",
                                          find));
  if (earlier.empty()) {
    // It expired and was removed between the two statements.
    return Aborted("DATABASE_SERIALIZATION", "The request id was released meanwhile.");
  }
  if (earlier[0].Text("method") != request.method ||
      earlier[0].Bytes("fingerprint") != request.fingerprint) {
    return RequestIdReused();
  }
  return earlier[0].Text("resource_id");
}

}  // namespace shodan::account_link
