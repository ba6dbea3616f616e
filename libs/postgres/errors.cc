// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/errors.h"

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan::postgres {
namespace {

// Class 08 connection exception, 53 insufficient resources, 57P operator intervention.
bool MeansUnavailable(const ServerError& error) {
  return error.fatal || error.sqlstate.starts_with("08") || error.sqlstate.starts_with("53") ||
         error.sqlstate.starts_with("57P");
}

}  // namespace

absl::Status ErrorFromServer(const ServerError& error) {
  ErrorMetadata metadata = {{"sqlstate", std::string(error.sqlstate)}};
  if (!error.constraint.empty()) metadata.emplace_back("constraint", error.constraint);

  if (error.sqlstate == "23505") {
    return MakeError(absl::StatusCode::kAlreadyExists, "DATABASE_CONFLICT",
                     "A row with the same key exists.", metadata);
  }
  if (error.sqlstate == "40001" || error.sqlstate == "40P01") {
    return MakeError(absl::StatusCode::kAborted, "DATABASE_SERIALIZATION",
                     "The transaction conflicted with another one; repeat it.", metadata);
  }
  if (error.sqlstate == "57014") {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT",
                     "The database cancelled a statement that took too long.", metadata);
  }
  if (MeansUnavailable(error)) {
    return MakeError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
                     "The database is not available at the moment.", metadata);
  }
  return MakeError(absl::StatusCode::kInternal, "DATABASE_ERROR",
                   Join("The database refused a statement (SQLSTATE ", error.sqlstate, ")."),
                   metadata);
}

absl::Status DatabaseUnavailable(std::string_view what) {
  return Unavailable("DATABASE_UNAVAILABLE", Join("The database is not available: ", what, "."));
}

absl::Status DatabaseTimeout(std::string_view what) {
  return DeadlineExceeded("DATABASE_TIMEOUT", Join("The deadline passed while ", what, "."));
}

absl::Status CommitUnknown() {
  return Unavailable("COMMIT_UNKNOWN",
                     "The connection to the database was lost while a change was being committed; "
                     "whether it took effect is not known.");
}

}  // namespace shodan::postgres
