// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "libs/base/status.h"
#include "libs/observability/admin_server.h"
#include "libs/service/port_file.h"
#include "libs/service/program.h"
#include "libs/service/readiness.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"

namespace {

constexpr char kName[] = "gateway";

absl::Status Serve(shodan::gateway::Config config, shodan::TerminationSignal& termination) {
  const shodan::service::CommonConfig common = config.common;
  shodan::Logger log(kName, common.log_level);
  shodan::Metrics metrics;
  SHODAN_ASSIGN_OR_RETURN(const auto gateway,
                          shodan::gateway::Gateway::Start(std::move(config), log, metrics));
  shodan::service::Readiness readiness([&gateway] { return gateway->WhyNotReady(); });
  SHODAN_ASSIGN_OR_RETURN(const auto admin,
                          shodan::AdminServer::Start(common.admin_listen, metrics, [&readiness] {
                            return readiness.WhyNotReady();
                          }));
  if (common.port_file.has_value()) {
    SHODAN_RETURN_IF_ERROR(shodan::service::WritePortFile(
        *common.port_file, {{"https", gateway->port()}, {"admin", admin->port()}}));
  }
  readiness.SetServing();
  log.Info("serving", {{"https_port", gateway->port()}, {"admin_port", admin->port()}});
  const int signal = termination.Wait();
  log.Info("draining", {{"signal", signal}});
  readiness.SetDraining();
  gateway->Drain();
  log.Info("stopped");
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<shodan::gateway::Config>{
          .info = {.name = kName,
                   .version = SHODAN_VERSION,
                   .summary = "Answers browsers over HTTPS and calls the services behind it."},
          .read_config = shodan::gateway::ReadConfig,
          .describe = shodan::gateway::DescribeConfig,
          .serve = Serve});
}
