// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <libpq-fe.h>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/postgres/pool.h"
#include "libs/postgres/result_impl.h"

namespace shodan::postgres {

/// How far a failed statement got.
enum class Reach {
  kNotSent,   ///< the server cannot have acted on it
  kAnswered,  ///< the server itself refused it
  kUnknown,   ///< sent, and the answer never came
};

/// What a statement came to. `reach` means something only when `result` is an error.
struct Outcome {
  absl::StatusOr<Result> result;
  Reach reach = Reach::kAnswered;
};

/// One connection over libpq's non-blocking calls: nothing here waits beyond its deadline. After a
/// cut-off statement or a protocol error it is no longer usable and must be destroyed, which makes
/// the server roll back. One thread at a time.
class Connection {
 public:
  /// At most 10 s. DATABASE_UNAVAILABLE says in fixed words why the server cannot be used.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionSettings& settings,
                                                          Deadline deadline);

  /// Prepares `sql` on its first use here and executes it.
  Outcome Execute(std::string_view sql, const Params& params, Deadline deadline);
  /// One or several statements without parameters, by the simple protocol; the last one's result.
  Outcome Run(const std::string& sql, Deadline deadline);

  /// False when the server hung up or said something unasked since the last statement.
  bool IsQuiet() const;
  bool usable() const { return usable_ && PQstatus(pg_.get()) == CONNECTION_OK; }
  /// True outside any transaction.
  bool idle() const { return PQtransactionStatus(pg_.get()) == PQTRANS_IDLE; }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Handle = std::unique_ptr<PGconn, Closer>;

  explicit Connection(Handle pg) : pg_(std::move(pg)) {}
  absl::StatusOr<std::string> Prepare(std::string_view sql, Deadline deadline);
  Outcome Finish(bool queued, Deadline deadline);
  absl::Status Flush(Deadline deadline);
  Outcome Collect(Deadline deadline);
  Outcome Broken(absl::Status status, Reach reach);

  Handle pg_;
  std::map<std::string, std::string, std::less<>> prepared_;  // SQL text to statement name
  bool usable_ = true;
};

}  // namespace shodan::postgres
