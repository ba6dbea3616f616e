// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/postgres/value.h"
#include "libs/secrets/secret.h"

namespace shodan::postgres {

/// How to reach one database as one role.
struct ConnectionSettings {
  std::string host;  ///< name, address, or a socket directory that starts with /
  int port = 5432;
  std::string database;
  std::string user;
  Secret password;
  std::string sslmode = "verify-full";  ///< disable | require | verify-full
  std::string ca_file;                  ///< needed for verify-full
  int max_connections = 8;
  std::string application_name;
};

/// Executes statements on one connection; inside InTransaction(), within that transaction.
///
/// Errors, by SQLSTATE: 23505 ALREADY_EXISTS/DATABASE_CONFLICT (metadata "constraint"), 40001 and
/// 40P01 ABORTED/DATABASE_SERIALIZATION, 57014 and a passed deadline DEADLINE_EXCEEDED/
/// DATABASE_TIMEOUT, a lost or refused connection, class 53 and 57P UNAVAILABLE/
/// DATABASE_UNAVAILABLE, everything else INTERNAL/DATABASE_ERROR (metadata "sqlstate"). Messages
/// hold neither SQL nor values, and of a refused connection neither host nor role. A text with a
/// zero byte, which PostgreSQL cannot hold, is INTERNAL/DATABASE_ERROR with sqlstate 22021. One
/// thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  /// `sql` is a literal; it is prepared once per connection.
  virtual absl::StatusOr<Result> Execute(std::string_view sql, const Params& params = {}) = 0;
  virtual Deadline deadline() const = 0;
};

/// A bounded pool of connections to one database, opened when needed. libpq is used non-blocking
/// with poll(), so every call ends by its deadline, also while it waits for a free connection
/// (DEADLINE_EXCEEDED/DATABASE_TIMEOUT). A connection whose statement was cut off is closed, and
/// one that the server ended while idle is replaced unnoticed. No call may run any more when the
/// pool goes. Thread-safe.
class Pool {
 public:
  explicit Pool(ConnectionSettings settings);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// One statement in its own transaction. A lost connection is UNAVAILABLE/DATABASE_UNAVAILABLE
  /// when the statement cannot have taken effect, and UNAVAILABLE/COMMIT_UNKNOWN when it may have.
  /// After DEADLINE_EXCEEDED/DATABASE_TIMEOUT it may have taken effect as well.
  absl::StatusOr<Result> Execute(std::string_view sql, const Params& params, Deadline deadline);

  /// Runs `body` between BEGIN and COMMIT (READ COMMITTED), or ROLLBACK when it returns an error.
  /// ABORTED/DATABASE_SERIALIZATION is repeated up to three times, so `body` must start afresh each
  /// time. A connection lost at COMMIT, or a COMMIT without an answer by the deadline, is
  /// UNAVAILABLE/COMMIT_UNKNOWN; every other error means that nothing was committed. A transaction
  /// that the database aborted is not committed even when `body` returns OK: the last statement's
  /// error comes back.
  absl::Status InTransaction(Deadline deadline, const std::function<absl::Status(Session&)>& body);

  /// OK when a connection answers.
  absl::Status Check(Deadline deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shodan::postgres
