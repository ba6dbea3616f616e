// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/authorization/attempt.h"
#include "services/token-vault/domain/erasure/ledger_line.h"

namespace shodan::tokenvault {

/// What the database last heard from a writer; zeros when it does not know him.
struct LedgerStanding {
  int64_t last_sequence = 0;
  int64_t beat = 0;
};

/// What a writer says about itself.
struct LedgerReport {
  std::string writer;
  int64_t last_sequence = 0;  ///< its lines up to here are known to be in the database
  int64_t beat = 0;
  /// The database lacks what it once had committed.
  bool lost = false;
  /// The process has just begun: it cannot know what happened to the database meanwhile.
  bool starting = false;
  int64_t event_id = 0;  ///< the highest one in the writer's lines
};

/// Whether the database was restored and is not complete yet.
struct LedgerRestore {
  int64_t restore_id = 0;
  bool open = false;
  bool confirmed = false;  ///< by the writer that asked
  int64_t waiting = 0;     ///< writers that have not confirmed it
};

/// How a replay ended that an operator ran.
struct LedgerDeclaration {
  int64_t restore_id = 0;
  int64_t dismissed = 0;  ///< writers whose files were not among those replayed
};

/// The database's side of the erasure ledger. Thread-safe; errors pass through as in AttemptStore.
class LedgerStore {
 public:
  virtual ~LedgerStore() = default;

  /// Lives that are wiped and not known to be in a file, of one link or, when `link_id` is empty,
  /// of any; wiped at least `min_age` ago, oldest first.
  virtual absl::StatusOr<std::vector<EndedLife>> ListUnfiled(const std::string& link_id,
                                                             std::chrono::milliseconds min_age,
                                                             int limit, Deadline deadline) = 0;
  /// Notes that a life is in a file. One that was disconnecting is over with that: state none,
  /// event and audit.
  virtual absl::Status MarkFiled(const EndedLife& life, Deadline deadline) = 0;

  virtual absl::StatusOr<LedgerStanding> Look(const std::string& writer, Deadline deadline) = 0;
  /// Records the report, and begins a restore when something was lost, or when a starting writer
  /// meets another cluster or timeline than the database itself remembers. A restore with losses
  /// moves the ids of events beyond all that were ever given out.
  virtual absl::StatusOr<LedgerRestore> CheckIn(const LedgerReport& report, Deadline deadline) = 0;
  /// Notes that a writer has replayed its files for this restore, which ends with the last one of
  /// those it waits for: every known writer when something was lost, else those that have not left.
  virtual absl::StatusOr<LedgerRestore> Confirm(const std::string& writer, int64_t restore_id,
                                                int64_t last_sequence, Deadline deadline) = 0;
  /// An operator's word that everything there is was replayed: ends the restore.
  virtual absl::StatusOr<LedgerDeclaration> Declare(const Actor& actor, Deadline deadline) = 0;
  /// The writer ends, and everything it filed is recorded.
  virtual absl::Status Leave(const std::string& writer, int64_t last_sequence,
                             Deadline deadline) = 0;

  /// Those of the lives that the database does not show as wiped.
  virtual absl::StatusOr<std::vector<EndedLife>> ListMissing(const std::vector<EndedLife>& lives,
                                                             Deadline deadline) = 0;
  /// Ends a life again, in one transaction: generation moved past it, tokens, profile, tags,
  /// attempts, pending grants and revocations of before it wiped without a word to Zoom; event and
  /// audit. A later life of the link is left alone.
  virtual absl::Status EndAgain(const EndedLife& life, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
