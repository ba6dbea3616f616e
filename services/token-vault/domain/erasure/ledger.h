// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/erasure/ledger_files.h"
#include "services/token-vault/domain/erasure/ledger_store.h"

namespace shodan::tokenvault {

/// The erasure ledger of one replica: puts every ended life into a file outside the database before
/// anyone is told that it is over, finds out that the database was restored to an earlier time, and
/// ends those lives again before anything is served. Thread-safe.
class Ledger {
 public:
  struct Parts {
    LedgerStore& store;
    LedgerFiles& files;
    std::chrono::milliseconds keep;  ///< see Lifetimes::ledger
    Logger& log;
    Metrics& metrics;
  };
  /// Halted until the first Start().
  explicit Ledger(Parts parts) : parts_(std::move(parts)) {}

  /// Files the lives of a link, or of any when `link_id` is empty, that were wiped at least
  /// `min_age` ago and are in no file yet. UNAVAILABLE/LEDGER_UNWRITABLE: they are left for later.
  absl::Status File(const std::string& link_id, std::chrono::milliseconds min_age,
                    Deadline deadline);

  /// Compares the database with this replica's files. OK also when a restore is found: then the
  /// replica stays halted.
  absl::Status Start(Deadline deadline);
  /// The same again and again while the replica runs. Replays this replica's files into a restored
  /// database, and goes on when the restore is complete.
  absl::Status CheckIn(Deadline deadline);
  /// Removes files that are too old to be needed.
  absl::Status DropOldFiles();
  /// The process ends.
  void Leave(Deadline deadline);

  /// While true nothing may be served, refreshed or sent to Zoom.
  bool halted() const { return halted_.load(); }
  /// UNAVAILABLE/RESTORE_UNFINISHED while halted.
  absl::Status Admit() const;
  /// Why the replica is not ready: RESTORE_UNFINISHED, LEDGER_UNWRITABLE, or nothing.
  std::string Problem() const;

 private:
  absl::StatusOr<LedgerRestore> Report(bool starting, Deadline deadline);
  void SetWritable(std::atomic<bool>& flag, const absl::Status& status);
  void SetRestore(const LedgerRestore& restore);

  Parts parts_;
  std::atomic<bool> halted_{true};
  // Whether the last line and the last beat could be written.
  std::atomic<bool> appended_{true};
  std::atomic<bool> beaten_{true};
  std::mutex checking_;
  int64_t restore_shown_ = 0;  // under checking_
};

/// What a replay of ledger files did.
struct LedgerReplay {
  int64_t lines = 0;
  int64_t lives_ended = 0;  ///< of those that the database had brought back
};

/// Ends every life in these files that the database shows as not wiped. May be repeated; each batch
/// gets `batch_time`.
absl::StatusOr<LedgerReplay> ReplayLedger(LedgerFiles& files, LedgerStore& store,
                                          std::chrono::milliseconds batch_time);

/// What an operator's replay did.
struct LedgerMerge {
  std::vector<std::pair<std::string, LedgerReplay>> writers;
  LedgerDeclaration declaration;
};

/// Replays the files of several writers and declares the restore finished.
absl::StatusOr<LedgerMerge> MergeLedgers(const std::vector<LedgerFiles*>& writers,
                                         LedgerStore& store, const Actor& actor,
                                         std::chrono::milliseconds batch_time);

}  // namespace shodan::tokenvault
