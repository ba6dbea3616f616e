// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_external_id_store.h"

#include "libs/base/status.h"

namespace shodan::account_link {

using postgres::Params;
using postgres::Result;

absl::StatusOr<bool> PostgresExternalIdStore::IsFree(const UserKey& owner,
                                                     const std::string& external_id,
                                                     Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result taken,
      pool_.Execute("SELECT 1 FROM links WHERE project_id = $1 AND ((external_id = $3 AND user_id "
                    "<> $2) OR (user_id = $2 AND external_id <> $3)) LIMIT 1",
                    Params().Text(owner.project_id).Text(owner.user_id).Text(external_id),
                    deadline));
  return taken.empty();
}

absl::StatusOr<bool> PostgresExternalIdStore::Give(const UserKey& owner,
                                                   const std::string& external_id,
                                                   Deadline deadline) {
  const absl::StatusOr<Result> given = pool_.Execute(
      "UPDATE links SET external_id = $3 WHERE project_id = $1 AND user_id = $2 AND "
      "coalesce(external_id, $3) = $3",
      Params().Text(owner.project_id).Text(owner.user_id).Text(external_id), deadline);
  if (HasReason(given.status(), "DATABASE_CONFLICT")) return false;
  if (!given.ok()) return given.status();
  return given->affected_rows() == 1;
}

}  // namespace shodan::account_link
