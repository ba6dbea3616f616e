// SPDX-License-Identifier: Apache-2.0
#include <thread>
#include <utility>

#include "libs/base/status.h"
#include "libs/concurrency/periodic_task.h"
#include "libs/crypto/random.h"
#include "libs/https_client/curl_https_client.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/token-vault/config.h"
#include "services/token-vault/domain/vault.h"
#include "services/token-vault/grpc/token_vault_service.h"
#include "services/token-vault/limits.h"
#include "services/token-vault/storage/key_check.h"
#include "services/token-vault/storage/migrations.h"
#include "services/token-vault/storage/postgres_stores.h"
#include "services/token-vault/storage/postgres_zoom_apps.h"

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::seconds kStartLimit{30};
constexpr std::chrono::milliseconds kReadyLimit{1'000};

void Sleep(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

absl::Status MigrateVault(const Config& config) {
  return service::MigrateDatabase(config.database, Migrations());
}

absl::Status Serve(Config config, TerminationSignal& termination) {
  SHODAN_ASSIGN_OR_RETURN(const KeyRing keys, KeyRing::Parse(config.key_ring));
  SHODAN_ASSIGN_OR_RETURN(
      auto host,
      service::GrpcHost::Create("token-vault", config.common, std::move(config.grpc), kHostLimits));
  Logger& log = host->log();
  postgres::Pool pool(std::move(config.database.service));
  const Deadline start = Deadline::After(kStartLimit);
  SHODAN_RETURN_IF_ERROR(postgres::CheckSchema(pool, Migrations(), start));
  SHODAN_RETURN_IF_ERROR(CheckKeys(pool, keys, start));

  const Sealing sealing(keys);
  PostgresZoomApps apps(pool, sealing);
  SHODAN_RETURN_IF_ERROR(apps.Apply(std::move(config.zoom_apps), start));
  PostgresStores stores(pool);
  CurlHttpsClient https;
  OAuthServer zoom(https, config.zoom, &std::chrono::system_clock::now);
  Vault vault({stores.attempts, stores.pending, stores.activations, stores.grants, stores.erasures,
               apps, sealing, zoom, config.lifetimes, RandomUuid(), Sleep, log, host->metrics()});
  const PeriodicTask sweeper(config.sweep_interval, [&vault] { vault.sweeps.Run(); });
  const PeriodicTask eraser(config.sweep_interval, [&vault] { vault.sweeps.RunErasures(); });

  TokenVaultServiceImpl service(vault, stores.pending, stores.grants, host->runtime());
  return host->Serve({&service}, termination, [&pool]() -> std::string {
    return pool.Check(Deadline::After(kReadyLimit)).ok() ? "" : "database unavailable";
  });
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
                   .migrates = true},
          .read_config = shodan::tokenvault::ReadConfig,
          .describe = shodan::tokenvault::DescribeConfig,
          .serve = shodan::tokenvault::Serve,
          .migrate = shodan::tokenvault::MigrateVault});
}
