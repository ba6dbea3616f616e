// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace shodan::postgres {

/// What the server said about a failed statement (PostgreSQL documentation, appendix A).
struct ServerError {
  std::string_view sqlstate;    ///< five characters
  std::string_view constraint;  ///< name of the violated constraint, or empty
  bool fatal = false;           ///< severity FATAL or PANIC: the server closes the connection
};

/// The one table from SQLSTATE to our errors; see Session for what it promises.
absl::Status ErrorFromServer(const ServerError& error);

/// UNAVAILABLE/DATABASE_UNAVAILABLE; `what` completes the sentence.
absl::Status DatabaseUnavailable(std::string_view what);
/// DEADLINE_EXCEEDED/DATABASE_TIMEOUT; `what` says what did not end in time.
absl::Status DatabaseTimeout(std::string_view what);
/// UNAVAILABLE/COMMIT_UNKNOWN.
absl::Status CommitUnknown();

}  // namespace shodan::postgres
