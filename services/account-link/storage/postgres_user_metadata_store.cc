// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/postgres_user_metadata_store.h"

#include "libs/base/status.h"
#include "services/account-link/domain/user_metadata.h"

namespace shodan::account_link {
namespace {

using postgres::Params;
using postgres::Result;
using postgres::Session;

Params OwnerParams(const UserKey& owner) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id);
  return params;
}

}  // namespace

absl::StatusOr<std::string> PostgresUserMetadataStore::Get(const UserKey& owner,
                                                           Deadline deadline) {
  SHODAN_ASSIGN_OR_RETURN(
      const Result found,
      pool_.Execute("SELECT metadata FROM user_metadata WHERE project_id = $1 AND user_id = $2",
                    OwnerParams(owner), deadline));
  return found.empty() ? std::string(kNoMetadata) : found[0].Text("metadata");
}

absl::StatusOr<std::string> PostgresUserMetadataStore::Update(const UserKey& owner,
                                                              const Change& change,
                                                              Deadline deadline) {
  std::string updated;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) -> absl::Status {
    // Takes the row's lock whether it was there or not.
    Params params = OwnerParams(owner);
    params.Text(kNoMetadata);
    SHODAN_ASSIGN_OR_RETURN(
        const Result kept,
        session.Execute("INSERT INTO user_metadata (project_id, user_id, metadata)"
                        " VALUES ($1, $2, $3) ON CONFLICT (project_id, user_id)"
                        " DO UPDATE SET updated_at = now() RETURNING metadata",
                        params));
    SHODAN_ASSIGN_OR_RETURN(updated, change(kept[0].Text("metadata")));
    Params changed = OwnerParams(owner);
    changed.Text(updated);
    return session
        .Execute("UPDATE user_metadata SET metadata = $3 WHERE project_id = $1 AND user_id = $2",
                 changed)
        .status();
  }));
  return updated;
}

}  // namespace shodan::account_link
