// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/storage/external_ids.h"

#include "libs/base/status.h"
#include "libs/crypto/random.h"

namespace shodan::account_link {

using postgres::Params;
using postgres::Result;

absl::StatusOr<Naming> NameLink(postgres::Session& session, const UserKey& owner,
                                const std::string& name) {
  Params params;
  params.Text(owner.project_id).Text(owner.user_id);
  SHODAN_ASSIGN_OR_RETURN(
      const Result present,
      session.Execute(
          "SELECT external_id, link_id FROM links WHERE project_id = $1 AND user_id = $2"
          " FOR UPDATE",
          params));
  if (present.empty()) return Naming::kNoLink;
  if (!present[0].IsNull("external_id")) {
    return present[0].Text("external_id") == name ? Naming::kDone : Naming::kFixed;
  }
  if (present[0].Text("link_id") == name) return Naming::kDone;
  params.Text(name);
  Params others = params;
  others.TextOrNullIfEmpty(IsUuid(name) ? name : "");
  SHODAN_ASSIGN_OR_RETURN(
      const Result taken,
      session.Execute("SELECT 1 AS present FROM links WHERE project_id = $1 AND user_id <> $2"
                      " AND (external_id = $3 OR link_id = $4::uuid)",
                      others));
  if (!taken.empty()) return Naming::kTaken;
  SHODAN_RETURN_IF_ERROR(
      session
          .Execute("UPDATE links SET external_id = $3 WHERE project_id = $1 AND user_id = $2",
                   params)
          .status());
  return Naming::kDone;
}

}  // namespace shodan::account_link
