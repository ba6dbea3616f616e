// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/token-vault/domain/erasure/ledger_line.h"

namespace shodan::tokenvault {

/// One writer's erasure ledger, outside every database. Thread-safe.
class LedgerFiles {
 public:
  virtual ~LedgerFiles() = default;

  /// The same over restarts; "" when nothing is kept, as in a development without a directory.
  virtual std::string writer() const = 0;
  /// Of the last durable line; 0 before the first.
  virtual int64_t last_sequence() const = 0;
  /// Durable when it returns; callers at one moment share one fsync. Either all lines are there or
  /// none counts. UNAVAILABLE/LEDGER_UNWRITABLE: a later call tries again.
  virtual absl::Status Append(const std::vector<EndedLife>& lives) = 0;
  /// Gives `use` the lines after a sequence, in order, at most `batch` at a time; its error ends
  /// the reading.
  virtual absl::Status Read(
      int64_t after, int batch,
      const std::function<absl::Status(const std::vector<LedgerLine>&)>& use) = 0;

  /// The highest beat that was saved; 0 before the first. See LedgerStore::CheckIn.
  virtual int64_t beat() const = 0;
  virtual absl::Status SaveBeat(int64_t beat) = 0;

  /// Removes files in which every life ended longer than `age` ago, never the present one.
  virtual absl::Status Drop(std::chrono::milliseconds age) = 0;
};

}  // namespace shodan::tokenvault
