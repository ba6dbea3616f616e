// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "libs/base/status.h"
#include "libs/service/grpc_host.h"
#include "libs/service/program.h"
#include "services/call-link/config.h"
#include "services/call-link/domain/call_link_builder.h"
#include "services/call-link/domain/limits.h"
#include "services/call-link/grpc/call_link_service.h"

namespace {

using shodan::service::GrpcHost;

constexpr char kName[] = "call-link";
constexpr shodan::service::HostLimits kLimits{
    .worker_threads = shodan::calllink::kWorkerThreads,
    .max_queued_calls = shodan::calllink::kQueuedCallsMax};

absl::Status Serve(shodan::calllink::Config config, shodan::TerminationSignal& termination) {
  SHODAN_ASSIGN_OR_RETURN(const auto host,
                          GrpcHost::Create(kName, config.common, std::move(config.grpc), kLimits));
  const shodan::calllink::CallLinkBuilder builder;
  shodan::calllink::CallLinkService service(builder, host->runtime());
  return host->Serve({&service}, termination);
}

}  // namespace

int main(int argc, char** argv) {
  return shodan::service::RunProgram(
      argc, argv,
      shodan::service::Program<shodan::calllink::Config>{
          .info = {.name = kName,
                   .version = SHODAN_VERSION,
                   .summary = "Turns phone numbers as people write them into links that dial."},
          .read_config = shodan::calllink::ReadConfig,
          .describe = shodan::calllink::DescribeConfig,
          .serve = Serve});
}
