// SPDX-License-Identifier: Apache-2.0
#include <thread>
#include <utility>

#include "libs/audit/read_counter.h"
#include "libs/audit/sealing_task.h"
#include "libs/base/status.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/crypto/random.h"
#include "libs/https_client/curl_https_client.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/token-vault/config.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/domain/keys/tag_rotation.h"
#include "services/token-vault/domain/vault.h"
#include "services/token-vault/grpc/token_vault_service.h"
#include "services/token-vault/key_ring_loop.h"
#include "services/token-vault/ledger_loop.h"
#include "services/token-vault/ledger_replay.h"
#include "services/token-vault/limits.h"
#include "services/token-vault/storage/file_ledger.h"
#include "services/token-vault/storage/file_spool.h"
#include "services/token-vault/storage/migrations.h"
#include "services/token-vault/storage/postgres_key_schedule.h"
#include "services/token-vault/storage/postgres_key_store.h"
#include "services/token-vault/storage/postgres_stores.h"
#include "services/token-vault/storage/postgres_tag_store.h"
#include "services/token-vault/storage/postgres_zoom_apps.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kStartLimit{30};
constexpr std::chrono::milliseconds kReadyLimit{1'000};
constexpr std::chrono::seconds kReadCountLimit{5};
constexpr std::chrono::seconds kScheduleLimit{5};
constexpr std::chrono::seconds kAppRefreshLimit{5};

void WriteReadCounts(audit::ReadCounter& reads, Logger& log) {
  const absl::Status written = reads.Flush(Deadline::After(kReadCountLimit));
  if (!written.ok()) {
    log.Warning("counted token reads wait to be recorded", {{"reason", ReasonOf(written)}});
  }
}

void Sleep(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

absl::Status MigrateVault(const Config& config) {
  return service::MigrateDatabase(config.database, Migrations());
}

absl::Status Serve(Config config, TerminationSignal& termination) {
  CurlHttpsClient https;
  KeyManagement key_management(https, config.key_management);
  KeyRingFile key_ring_file(config.key_ring_file, key_management.Unwrapper());
  SHODAN_ASSIGN_OR_RETURN(KeyRing key_ring, key_ring_file.Read());
  SHODAN_ASSIGN_OR_RETURN(
      auto host,
      service::GrpcHost::Create("token-vault", config.common, std::move(config.grpc), kHostLimits));
  Logger& log = host->log();
  postgres::Pool pool(std::move(config.database.service));
  const Deadline start = Deadline::After(kStartLimit);
  SHODAN_RETURN_IF_ERROR(postgres::CheckSchema(pool, Migrations(), start));
  const std::string replica = RandomUuid();
  // Whether a next tag key is in use the database will say.
  key_ring = key_ring.WithTags(key_ring.current_tag_version(), std::nullopt);
  KeyRingHolder keys(std::move(key_ring));
  PostgresKeyStore key_store(pool);
  KeyRotation rotation({key_store, keys, replica, config.keys, Sleep, log, host->metrics()});
  // Nothing is sealed or opened before the ring is known to fit the database.
  SHODAN_RETURN_IF_ERROR(rotation.Refresh(start));
  const Sealing sealing(keys);
  PostgresTagStore tag_store(pool);
  TagRotation tags({tag_store, sealing,
                    [&rotation](Deadline deadline) { return rotation.Refresh(deadline); },
                    config.keys, Sleep, log, host->metrics()});
  const KeyRingLoop key_ring_loop(rotation, tags, key_ring_file, config.keys.report_interval);

  PostgresZoomApps apps(pool, sealing);
  SHODAN_RETURN_IF_ERROR(
      apps.Apply(std::move(config.zoom_apps), config.lifetimes.previous_secret, start));
  PostgresStores stores(pool, ScheduleOf(config.keys));
  OAuthServer zoom(https, config.zoom, &std::chrono::system_clock::now);
  FileSpool spool(config.spool_directory);
  if (!config.spool_directory.empty()) SHODAN_RETURN_IF_ERROR(spool.Check());
  SHODAN_ASSIGN_OR_RETURN(const auto ledger_files, FileLedger::Open(config.ledger_directory));
  Ledger ledger({stores.ledger, *ledger_files, config.lifetimes.ledger, log, host->metrics()});
  // A database that was restored must not be served before its erasures are replayed.
  SHODAN_RETURN_IF_ERROR(ledger.Start(start));
  const LedgerLoop ledger_loop(ledger, log, config.lifetimes.ledger_check);
  Vault vault({stores.attempts,
               stores.pending,
               stores.activations,
               stores.grants,
               stores.erasures,
               stores.imports,
               stores.inbox_keys,
               apps,
               apps,
               sealing,
               zoom,
               spool,
               ledger,
               config.lifetimes,
               config.zoom_pauses,
               config.imports_per_second,
               replica,
               Sleep,
               log,
               host->metrics()});
  // What an earlier process could not store comes first: until then its links look doubtful.
  if (!ledger.halted()) SHODAN_RETURN_IF_ERROR(vault.spool.Replay(start));
  const PeriodicTask sweeper(config.sweep_interval, [&] {
    if (!ledger.halted()) vault.sweeps.Run();
  });
  const PeriodicTask keep_alive(std::chrono::seconds(1), [&] {
    if (config.keep_alive_per_second > 0 && !ledger.halted())
      vault.sweeps.RunKeepAlive(config.keep_alive_per_second);
  });
  const PeriodicTask eraser(config.sweep_interval, [&] {
    if (!ledger.halted()) vault.sweeps.RunErasures();
  });

  const PeriodicTask app_refresh(config.app_refresh, [&] {
    const absl::Status refreshed = apps.Refresh(Deadline::After(kAppRefreshLimit));
    if (!refreshed.ok()) {
      log.Warning("Zoom apps were not read again", {{"reason", ReasonOf(refreshed)}});
    }
  });

  KeyScheduleWatch key_schedule(
      [&](Deadline deadline) { return ReadKeySchedule(pool, ScheduleOf(config.keys), deadline); },
      log, host->metrics());
  const PeriodicTask key_schedule_task(config.keys.report_interval, [&key_schedule] {
    key_schedule.Look(Deadline::After(kScheduleLimit));
  });

  audit::ReadCounter reads(pool);
  const PeriodicTask read_counts(config.audit.read_count_interval,
                                 [&] { WriteReadCounts(reads, log); });
  const audit::SealingTask sealing_task(pool, config.audit, log, host->metrics());
  const auto count_read = [&reads](const auto&... read) { reads.Count(read...); };

  TokenVaultServiceImpl service(vault, stores.pending, stores.grants, rotation, tags, count_read,
                                host->runtime());
  const absl::Status served = host->Serve({&service}, termination, [&]() -> std::string {
    if (!pool.Check(Deadline::After(kReadyLimit)).ok()) return "database unavailable";
    if (std::string problem = ledger.Problem(); !problem.empty()) return problem;
    return rotation.Problem();
  });
  // Drained: nothing is counted any more.
  WriteReadCounts(reads, log);
  return served;
}

}  // namespace
}  // namespace shodan::tokenvault

int main(int argc, char** argv) {
  using shodan::tokenvault::Config;
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<Config>{
          .info = {.name = "token-vault",
                   .version = SHODAN_VERSION,
                   .summary = "Gets, refreshes, hands out and erases Zoom tokens.",
                   .migrates = true,
                   .operation = {.option = "--replay-ledger",
                                 .arguments = "DIR...",
                                 .summary = "after a restore of the database: replay these ledger "
                                            "directories, declare the restore finished, and exit"}},
          .read_config = shodan::tokenvault::ReadConfig,
          .describe = shodan::tokenvault::DescribeConfig,
          .serve = shodan::tokenvault::Serve,
          .migrate = shodan::tokenvault::MigrateVault,
          .operate = shodan::tokenvault::ReplayLedgerDirectories});
}
