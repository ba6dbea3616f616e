// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "libs/audit/sealing_task.h"
#include "libs/base/status.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/rpc/channel.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/account-link/config.h"
#include "services/account-link/domain/limits.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/vault_client.h"
#include "services/account-link/limits.h"
#include "services/account-link/link_feed_loop.h"
#include "services/account-link/reconciler_loop.h"
#include "services/account-link/storage/migrations.h"
#include "services/account-link/storage/postgres_api_key_store.h"
#include "services/account-link/storage/postgres_call_store.h"
#include "services/account-link/storage/postgres_connect_session_store.h"
#include "services/account-link/storage/postgres_connection_store.h"
#include "services/account-link/storage/postgres_external_id_store.h"
#include "services/account-link/storage/postgres_link_change_store.h"
#include "services/account-link/storage/postgres_link_store.h"
#include "services/account-link/storage/postgres_note_store.h"
#include "services/account-link/storage/postgres_project_store.h"
#include "services/account-link/storage/postgres_user_metadata_store.h"

namespace shodan::account_link {
namespace {

absl::Status Serve(Config config, TerminationSignal& termination) {
  const rpc::TlsFiles vault_tls = VaultTlsFiles(config);
  service::HostLimits limits = kRecordLimits;
  limits.stream_age = config.watch.streams.max_age;
  SHODAN_ASSIGN_OR_RETURN(auto host, service::GrpcHost::Create("account-link", config.common,
                                                               std::move(config.grpc), limits));
  postgres::Pool database(std::move(config.database.service));
  SHODAN_RETURN_IF_ERROR(
      postgres::CheckSchema(database, Migrations(), Deadline::After(kStartLimit)));
  PostgresProjectStore projects(database);
  SHODAN_RETURN_IF_ERROR(projects.Apply(config.projects, Deadline::After(kStartLimit)));
  PostgresLinkStore links(database);
  PostgresLinkChangeStore link_changes(database);
  PostgresCallStore call_records(database);
  PostgresNoteStore note_records(database);
  PostgresUserMetadataStore metadata_records(database);
  PostgresApiKeyStore api_key_records(database);
  PostgresConnectionStore connection_records(database);
  PostgresConnectSessionStore connect_session_records(database);
  GrpcVault vault(rpc::MakeChannel(config.vault.target, vault_tls, GrpcVault::ServiceDescriptor()));

  GrantEventFeed feed(links, vault);
  CompleteLink complete_link(links, vault, feed);
  Disconnect disconnect(links, vault, feed);
  PostgresExternalIdStore external_ids(database);
  ImportConnections import_connections(links, external_ids, vault, complete_link);
  Directory directory(projects, links);
  ProjectAdministration administration(projects, config.common.development());
  ApiKeys api_keys(api_key_records);
  Connections connections(connection_records);
  ConnectSessions connect_sessions(connect_session_records);
  Calls calls(call_records);
  Notes notes(note_records);
  UserMetadata user_metadata(metadata_records);
  Reconciler reconciler(links, vault, feed, complete_link, disconnect, config.reconciler.grace);

  WorkerPool saga_workers(kSagaWorkers, kSagaQueuedCalls);
  const rpc::ServiceRuntime& records = host->runtime();
  const rpc::ServiceRuntime saga{records.domain, saga_workers, records.authorizer, records.log,
                                 records.metrics};
  LinkFeed link_feed(link_changes, kMaxHeldChanges);
  WorkerPool watch_workers(kWatchWorkers, config.watch.streams.max_streams);
  const rpc::ServiceRuntime watch{records.domain, watch_workers, records.authorizer, records.log,
                                  records.metrics};
  rpc::StreamSet watchers(config.watch.streams);
  AccountLinkService service({directory,
                              administration,
                              api_keys,
                              connections,
                              connect_sessions,
                              complete_link,
                              disconnect,
                              import_connections,
                              calls,
                              notes,
                              user_metadata,
                              {projects, link_changes, link_feed}},
                             records, saga, watch, watchers);
  const audit::SealingTask sealing(database, config.audit, host->log(), host->metrics());
  ReconcilerLoop loop(reconciler, config.reconciler.interval, host->log(), host->metrics());
  const LinkFeedLoop link_feed_loop(link_feed, link_changes, watchers, config.watch, host->log(),
                                    host->metrics());
  host->OnDrain([&watchers] { watchers.Drain(); });
  return host->Serve({&service}, termination, [&database]() -> std::string {
    return database.Check(Deadline::After(kReadinessLimit)).ok() ? "" : "database unavailable";
  });
}

absl::Status Migrate(const Config& config) {
  return service::MigrateDatabase(config.database, Migrations());
}

}  // namespace
}  // namespace shodan::account_link

int main(int argc, char** argv) {
  using shodan::account_link::Config;
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<Config>{
          .info = {.name = "account-link",
                   .version = SHODAN_VERSION,
                   .summary = "Knows who is linked to Zoom and keeps call activity and notes.",
                   .migrates = true},
          .read_config = shodan::account_link::ReadConfig,
          .describe = shodan::account_link::DescribeConfig,
          .serve = shodan::account_link::Serve,
          .migrate = shodan::account_link::Migrate});
}
