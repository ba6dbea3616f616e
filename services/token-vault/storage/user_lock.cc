// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/storage/user_lock.h"

namespace shodan::tokenvault {

using postgres::Params;

absl::Status LockUser(postgres::Session& session, const std::string& project_id,
                      const std::string& user_id) {
  return session
      .Execute("SELECT pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 1))",
               Params().Text(project_id).Text(user_id))
      .status();
}

absl::Status LockUserOfAttempt(postgres::Session& session, const std::string& attempt_id) {
  return session
      .Execute(
          "SELECT pg_advisory_xact_lock(hashtextextended(project_id || '/' || user_id, 1)) "
          "FROM attempts WHERE attempt_id = $1",
          Params().Text(attempt_id))
      .status();
}

}  // namespace shodan::tokenvault
