// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/erasure/ledger_line.h"

namespace shodan::tokenvault {

/// One file of a ledger directory: "WRITER.YYYYMMDD.FIRST.ledger", its lines without gaps.
struct LedgerFileInfo {
  std::string name;
  std::string day;
  int64_t first = 1;     ///< sequence of its first line
  int64_t last = 0;      ///< of its last one; first - 1 while it has none
  int64_t bytes = 0;     ///< of its whole lines
  bool torn = false;     ///< something follows that is no whole line
  Time newest = Time();  ///< latest end of a life in it
};

/// What a ledger directory holds.
struct LedgerDirectory {
  std::string writer;                 ///< "" when it is empty
  std::vector<LedgerFileInfo> files;  ///< by sequence
  int64_t beat = 0;
};

/// The name of a ledger file.
std::string LedgerFileName(const std::string& writer, const std::string& day, int64_t first);

/// Reads and checks all of a directory. Only the last file may end in a torn line.
/// DATA_LOSS/LEDGER_CORRUPT names the file; UNAVAILABLE/LEDGER_UNREADABLE.
absl::StatusOr<LedgerDirectory> ScanLedger(const std::string& directory);

/// Where a line begins in a file.
struct LedgerPlace {
  int64_t bytes = 0;
  int64_t sequence = 0;  ///< of the line that begins there
};
/// Gives `use` the whole lines of a file from a place to the byte `end`, at most `batch` at a time.
/// The place after the last of them. DATA_LOSS/LEDGER_CORRUPT for a line that is not the next one.
absl::StatusOr<LedgerPlace> ReadLedgerFile(
    const std::string& path, const std::string& writer, LedgerPlace from, int64_t end, int batch,
    const std::function<absl::Status(const std::vector<LedgerLine>&)>& use);

/// "WRITER BEAT CHECKSUM\n".
std::string EncodeBeat(const std::string& writer, int64_t beat);
inline constexpr char kBeatFile[] = "beat";

}  // namespace shodan::tokenvault
