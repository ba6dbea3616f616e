// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/ledger_loop.h"

#include "libs/base/status.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kCheckLimit{10};
constexpr std::chrono::seconds kLeaveLimit{2};

}  // namespace

LedgerLoop::LedgerLoop(Ledger& ledger, Logger& log, std::chrono::milliseconds interval)
    : ledger_(ledger), log_(log) {
  task_.emplace(interval, [this] { Run(); });
}

LedgerLoop::~LedgerLoop() {
  task_.reset();
  ledger_.Leave(Deadline::After(kLeaveLimit));
}

void LedgerLoop::Run() {
  absl::Status status = ledger_.CheckIn(Deadline::After(kCheckLimit));
  status.Update(ledger_.DropOldFiles());
  if (!status.ok()) log_.Warning("ledger check failed", {{"reason", ReasonOf(status)}});
}

}  // namespace shodan::tokenvault
