// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <utility>

#include "libs/audit/sealing_task.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/https_client/curl_https_client.h"
#include "libs/rpc/channel.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/automation/config.h"
#include "services/automation/delivery_loops.h"
#include "services/automation/grpc/account_links_client.h"
#include "services/automation/grpc/automation_service.h"
#include "services/automation/grpc/vault_client.h"
#include "services/automation/limits.h"
#include "services/automation/link_follower.h"
#include "services/automation/storage/migrations.h"
#include "services/automation/storage/postgres_delivery_store.h"
#include "services/automation/storage/postgres_endpoint_store.h"
#include "services/automation/storage/postgres_link_watch_store.h"
#include "services/automation/storage/postgres_webhook_store.h"
#include "services/automation/webhook_loops.h"

namespace shodan::automation {
namespace {

std::string WhyNotReady(postgres::Pool& database, const GrpcVault& vault) {
  if (!database.Check(Deadline::After(kReadinessLimit)).ok()) return "database unavailable";
  return vault.Reachable() ? "" : "token vault unreachable";
}

// 0 to 1.
double RandomFraction() {
  const std::string bytes = RandomBytes(2);
  const int number =
      static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1]);
  return number / 65'535.0;
}

absl::Status Serve(Config config, TerminationSignal& termination) {
  const rpc::TlsFiles vault_tls = ClientTlsFiles(config, config.vault);
  const rpc::TlsFiles account_link_tls = ClientTlsFiles(config, config.account_link);
  SHODAN_ASSIGN_OR_RETURN(
      auto host,
      service::GrpcHost::Create("automation", config.common, std::move(config.grpc), kHostLimits));
  Logger& log = host->log();
  Metrics& metrics = host->metrics();
  postgres::Pool database(std::move(config.database.service));
  SHODAN_RETURN_IF_ERROR(
      postgres::CheckSchema(database, Migrations(), Deadline::After(kStartLimit)));
  PostgresWebhookStore webhooks(database);
  GrpcVault vault(rpc::MakeChannel(config.vault.target, vault_tls, GrpcVault::ServiceDescriptor()));
  GrpcAccountLinks account_links(rpc::MakeChannel(config.account_link.target, account_link_tls,
                                                  GrpcAccountLinks::ServiceDescriptor()));

  Ingestion ingestion(vault, webhooks, config.webhooks.ingestion, &std::chrono::system_clock::now);
  InboxReader reader({webhooks, vault, account_links, log, metrics}, config.webhooks.reading);
  TriggerEvents trigger_events(vault, webhooks);
  WebhookLoops loops({reader, webhooks, vault, log, metrics}, config.webhooks);
  PostgresEndpointStore endpoint_store(database);
  PostgresDeliveryStore delivery_store(database);
  PostgresLinkWatchStore watch_store(database);
  CurlHttpsClient https_client;
  DeliverySender sender({delivery_store, vault, https_client, metrics,
                         &std::chrono::system_clock::now, &RandomFraction},
                        config.deliveries.sending);
  DeliveryLoops delivery_loops({sender, delivery_store, log}, config.deliveries);
  const auto on_delivery = [&delivery_loops] { delivery_loops.Wake(); };
  LinkFollower follower({watch_store, account_links, log, on_delivery},
                        config.deliveries.following);
  Endpoints endpoints(endpoint_store, vault);
  AutomationServiceImpl service(
      {ingestion, trigger_events, webhooks, endpoints, endpoint_store, delivery_store,
       [&loops] { loops.Wake(); }, [&follower] { follower.Wake(); }, on_delivery},
      host->runtime());
  const audit::SealingTask sealing(database, config.audit, log, metrics);
  return host->Serve({&service}, termination, [&] { return WhyNotReady(database, vault); });
}

absl::Status Migrate(const Config& config) {
  return service::MigrateDatabase(config.database, Migrations());
}

}  // namespace
}  // namespace shodan::automation

int main(int argc, char** argv) {
  using shodan::automation::Config;
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<Config>{
          .info =
              {.name = "automation",
               .version = SHODAN_VERSION,
               .summary =
                   "Takes Zoom's webhooks in, tells them as events and sends events to endpoints.",
               .migrates = true},
          .read_config = shodan::automation::ReadConfig,
          .describe = shodan::automation::DescribeConfig,
          .serve = shodan::automation::Serve,
          .migrate = shodan::automation::Migrate});
}
