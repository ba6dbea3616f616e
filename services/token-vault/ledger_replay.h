// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/token-vault/config.h"

namespace shodan::tokenvault {

/// `--replay-ledger DIR...`: replays these ledger directories into the database, declares the
/// restore finished, and prints what it did as one line of JSON. May run beside halted replicas,
/// and be repeated.
absl::Status ReplayLedgerDirectories(const Config& config,
                                     const std::vector<std::string>& directories);

}  // namespace shodan::tokenvault
