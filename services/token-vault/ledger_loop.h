// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "libs/concurrency/periodic_task.h"
#include "services/token-vault/domain/erasure/ledger.h"

namespace shodan::tokenvault {

/// The background work of the erasure ledger: one thread compares the database with the files,
/// replays them after a restore, and drops those that are too old.
class LedgerLoop {
 public:
  /// Both outlive this. `ledger` must have been started.
  LedgerLoop(Ledger& ledger, Logger& log, std::chrono::milliseconds interval);
  /// Waits for the round in progress and says goodbye.
  ~LedgerLoop();
  LedgerLoop(const LedgerLoop&) = delete;
  LedgerLoop& operator=(const LedgerLoop&) = delete;

 private:
  void Run();

  Ledger& ledger_;
  Logger& log_;
  std::optional<PeriodicTask> task_;
};

}  // namespace shodan::tokenvault
