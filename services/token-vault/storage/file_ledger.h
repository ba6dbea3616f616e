// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/erasure/ledger_files.h"
#include "services/token-vault/storage/descriptor.h"
#include "services/token-vault/storage/ledger_scan.h"

namespace shodan::tokenvault {

/// LedgerFiles in one directory of this replica's own, outside every backup of the database: a file
/// a day, appended to and never rewritten. Thread-safe.
class FileLedger final : public LedgerFiles {
 public:
  using Clock = std::function<Time()>;

  /// Takes the directory for this process, reads all of it, and cuts off a last line that a crash
  /// left torn. An empty `directory` keeps nothing.
  /// UNAVAILABLE/LEDGER_UNWRITABLE, /LEDGER_UNREADABLE, FAILED_PRECONDITION/LEDGER_IN_USE by
  /// another process, DATA_LOSS/LEDGER_CORRUPT.
  static absl::StatusOr<std::unique_ptr<FileLedger>> Open(
      std::string directory, Clock clock = &std::chrono::system_clock::now);
  /// To read only, whoever writes to it; NOT_FOUND/LEDGER_EMPTY when nobody has.
  static absl::StatusOr<std::unique_ptr<FileLedger>> OpenToRead(std::string directory);

  std::string writer() const override;
  int64_t last_sequence() const override;
  absl::Status Append(const std::vector<EndedLife>& lives) override;
  absl::Status Read(
      int64_t after, int batch,
      const std::function<absl::Status(const std::vector<LedgerLine>&)>& use) override;
  int64_t beat() const override;
  absl::Status SaveBeat(int64_t beat) override;
  absl::Status Drop(std::chrono::milliseconds age) override;

 private:
  struct Waiter {
    const std::vector<EndedLife>* lives;
    absl::Status status;
    bool done = false;
  };

  FileLedger(std::string directory, Clock clock)
      : directory_(std::move(directory)), clock_(std::move(clock)) {}
  absl::Status Lock();
  absl::Status Recover();
  std::string PathOf(const LedgerFileInfo& file) const { return directory_ + "/" + file.name; }
  /// Writes all the waiters' lines; by one thread at a time, without the mutex.
  absl::Status Write(const std::vector<Waiter*>& batch);
  absl::Status PrepareFile(LedgerFileInfo& file, bool& is_new);
  absl::Status OpenFile(const LedgerFileInfo& file);

  const std::string directory_;
  const Clock clock_;
  bool read_only_ = false;
  Descriptor lock_;
  Descriptor present_;  // of the thread that writes
  mutable std::mutex mutex_;
  std::condition_variable written_;
  LedgerDirectory state_;         // under mutex_
  std::vector<Waiter*> waiting_;  // under mutex_
  bool writing_ = false;          // under mutex_
  // Where the last Read() came to, so that the next one need not begin with the file's first line.
  std::string read_name_;   // under mutex_
  LedgerPlace read_place_;  // under mutex_
};

}  // namespace shodan::tokenvault
