// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// A life of a link that an erasure or a take-over ended. Nothing of it may come back.
struct EndedLife {
  std::string link_id;
  int64_t generation = 0;  ///< of the life that ended; the grant's row has the next one since
  std::string project_id;
  std::string user_id;
  std::string decision_id;
  GrantCause cause = GrantCause::kNone;
  Time erased_at;        ///< when its tokens and personal data were wiped
  int64_t event_id = 0;  ///< the vault's latest event at that time, or later
};

/// A line of an erasure ledger's file. Sequences count the lines of one writer, without gaps.
struct LedgerLine {
  int64_t sequence = 0;
  EndedLife life;
};

/// A line's most bytes, its end included.
inline constexpr size_t kLedgerLineBytesMax = 8'192;

/// "CHECKSUM JSON\n": 16 hexadecimal digits of SHA-256 over the writer and the JSON. Ids of ours,
/// a cause and times; nothing of Zoom's, no secret.
std::string EncodeLedgerLine(const std::string& writer, const LedgerLine& line);
/// `text` without its line end. DATA_LOSS/LEDGER_CORRUPT unless that writer wrote exactly this.
absl::StatusOr<LedgerLine> DecodeLedgerLine(const std::string& writer, std::string_view text);

}  // namespace shodan::tokenvault
