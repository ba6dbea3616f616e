// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/ledger_replay.h"

#include <iostream>
#include <memory>

#include <boost/json.hpp>

#include "libs/base/status.h"
#include "libs/service/database_config.h"
#include "services/token-vault/domain/erasure/ledger.h"
#include "services/token-vault/storage/file_ledger.h"
#include "services/token-vault/storage/migrations.h"
#include "services/token-vault/storage/postgres_ledger_store.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kBatchTime{30};

}  // namespace

absl::Status ReplayLedgerDirectories(const Config& config,
                                     const std::vector<std::string>& directories) {
  postgres::Pool pool(service::CloneSettings(config.database.service));
  SHODAN_RETURN_IF_ERROR(postgres::CheckSchema(pool, Migrations(), Deadline::After(kBatchTime)));
  std::vector<std::unique_ptr<FileLedger>> ledgers;
  std::vector<LedgerFiles*> writers;
  for (const std::string& directory : directories) {
    SHODAN_ASSIGN_OR_RETURN(std::unique_ptr<FileLedger> ledger, FileLedger::OpenToRead(directory));
    writers.push_back(ledger.get());
    ledgers.push_back(std::move(ledger));
  }
  PostgresLedgerStore store(pool);
  const Actor actor{"service:operator", "service:token-vault", "ledger-replay"};
  SHODAN_ASSIGN_OR_RETURN(const LedgerMerge merge, MergeLedgers(writers, store, actor, kBatchTime));
  boost::json::array reports;
  for (size_t i = 0; i < directories.size(); ++i) {
    const auto& [writer, replay] = merge.writers.at(i);
    reports.push_back({{"directory", directories[i]},
                       {"writer", writer},
                       {"lines", replay.lines},
                       {"livesEnded", replay.lives_ended}});
  }
  std::cout << boost::json::serialize(
                   boost::json::object{{"restoreId", merge.declaration.restore_id},
                                       {"writersDismissed", merge.declaration.dismissed},
                                       {"directories", std::move(reports)}})
            << std::endl;
  return absl::OkStatus();
}

}  // namespace shodan::tokenvault
