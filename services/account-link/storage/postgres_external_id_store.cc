// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_external_id_store.h"

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "services/account-link/storage/external_ids.h"

namespace shodan::account_link {

using postgres::Params;
using postgres::Result;

absl::StatusOr<bool> PostgresExternalIdStore::IsFree(const UserKey& owner,
                                                     const std::string& external_id,
                                                     Deadline deadline) {
  Params params;
  params.Text(owner.project_id)
      .Text(owner.user_id)
      .Text(external_id)
      .TextOrNullIfEmpty(IsUuid(external_id) ? external_id : "");
  SHODAN_ASSIGN_OR_RETURN(
      const Result taken,
      pool_.Execute(
          "SELECT 1 FROM links WHERE project_id = $1 AND ((user_id <> $2 AND (external_id "
          "= $3 OR link_id = $4::uuid)) OR (user_id = $2 AND external_id <> $3)) LIMIT 1",
          params, deadline));
  return taken.empty();
}

absl::StatusOr<bool> PostgresExternalIdStore::Give(const UserKey& owner,
                                                   const std::string& external_id,
                                                   Deadline deadline) {
  bool done = false;
  const absl::Status status =
      pool_.InTransaction(deadline, [&](postgres::Session& session) -> absl::Status {
        SHODAN_ASSIGN_OR_RETURN(const Naming naming, NameLink(session, owner, external_id));
        done = naming == Naming::kDone;
        return absl::OkStatus();
      });
  if (HasReason(status, "DATABASE_CONFLICT")) return false;
  if (!status.ok()) return status;
  return done;
}

}  // namespace shodan::account_link
