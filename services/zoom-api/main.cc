// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "libs/audit/sealing_task.h"
#include "libs/base/status.h"
#include "libs/https_client/curl_https_stream.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/coroutine_calls.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/zoom-api/config.h"
#include "services/zoom-api/grpc/vault_client.h"
#include "services/zoom-api/grpc/zoom_api_service.h"
#include "services/zoom-api/intent_sweep.h"
#include "services/zoom-api/limits.h"
#include "services/zoom-api/sending/redis_rate_budget.h"
#include "services/zoom-api/storage/migrations.h"
#include "services/zoom-api/storage/postgres_intent_store.h"

namespace shodan::zoomapi {
namespace {

/// The threads that run the calls' coroutines.
class IoThreads {
 public:
  explicit IoThreads(int count) : work_(io_.get_executor()) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  ~IoThreads() { Stop(); }
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  boost::asio::any_io_executor executor() { return io_.get_executor(); }
  /// Ends once there is nothing left to do.
  void RunOut() {
    work_.reset();
    Join();
  }
  /// Ends at once. May be repeated.
  void Stop() {
    io_.stop();
    Join();
  }

 private:
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

// Calls whose caller has left may still wait for the outcome of an unsafe request.
void WaitForCalls(const rpc::CoroutineCalls& calls, Deadline deadline) {
  while (calls.size() > 0 && !deadline.Expired()) std::this_thread::sleep_for(kSettlePause);
}

std::string WhyNotReady(postgres::Pool& database, const GrpcVault& vault) {
  if (!database.Check(Deadline::After(kReadinessLimit)).ok()) return "database unavailable";
  return vault.Reachable() ? "" : "token vault unreachable";
}

absl::Status Serve(Config config, TerminationSignal& termination) {
  const rpc::TlsFiles vault_tls = VaultTlsFiles(config);
  SHODAN_ASSIGN_OR_RETURN(
      auto host,
      service::GrpcHost::Create("zoom-api", config.common, std::move(config.grpc), kHostLimits));
  Logger& log = host->log();
  Metrics& metrics = host->metrics();
  postgres::Pool database(std::move(config.database.service));
  SHODAN_RETURN_IF_ERROR(
      postgres::CheckSchema(database, Migrations(), Deadline::After(kStartLimit)));
  PostgresIntentStore intents(database, config.intents.retention);
  IntentBook book(intents, host->workers());

  IoThreads io(config.threads);
  std::unique_ptr<redis::Client> redis;
  if (config.redis.has_value()) {
    redis = std::make_unique<redis::Client>(io.executor(), *std::move(config.redis));
  }
  RedisRateBudget budget(io.executor(), redis.get(), config.rate_limits, metrics);
  GrpcVault vault(rpc::MakeChannel(config.vault.target, vault_tls, GrpcVault::ServiceDescriptor()));
  std::unique_ptr<HttpsStreamClient> https = MakeCurlHttpsStreamClient();
  ZoomSender sender(*https, vault, budget, book, config.sending, log, metrics);
  MeetingActions meetings(sender);
  rpc::CoroutineCalls calls(io.executor(), config.limits.in_flight);
  ZoomApiService service(sender, meetings, calls, host->runtime(), config.limits.body_bytes);

  const IntentSweep sweep(intents, config.intents.sweep_interval, log, metrics);
  const audit::SealingTask sealing(database, config.audit, log, metrics);
  const absl::Status served =
      host->Serve({&service}, termination, [&] { return WhyNotReady(database, vault); });

  WaitForCalls(calls, Deadline::After(kOutcomeLimit));
  // What is left ends now, and says to its intent that the outcome is unknown.
  https.reset();
  budget.Stop();
  WaitForCalls(calls, Deadline::After(kEndLimit));
  if (redis != nullptr) redis->Stop();
  if (calls.size() == 0) io.RunOut();
  io.Stop();
  return served;
}

absl::Status Migrate(const Config& config) {
  return service::MigrateDatabase(config.database, Migrations());
}

}  // namespace
}  // namespace shodan::zoomapi

int main(int argc, char** argv) {
  using shodan::zoomapi::Config;
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<Config>{
          .info = {.name = "zoom-api",
                   .version = SHODAN_VERSION,
                   .summary = "Sends requests to Zoom's API for connected users.",
                   .migrates = true},
          .read_config = shodan::zoomapi::ReadConfig,
          .describe = shodan::zoomapi::DescribeConfig,
          .serve = shodan::zoomapi::Serve,
          .migrate = shodan::zoomapi::Migrate});
}
