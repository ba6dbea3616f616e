// SPDX-License-Identifier: Apache-2.0
#include "libs/service/grpc_host.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/service/port_file.h"

namespace shodan::service {
namespace {

std::string ErrorDomain(std::string_view name) {
  std::string domain(name);
  std::erase(domain, '-');
  return domain + ".shodan";
}

}  // namespace

GrpcHost::GrpcHost(std::string_view name, const CommonConfig& common, GrpcConfig grpc,
                   const HostLimits& limits)
    : log_(name, common.log_level),
      common_(common),
      listen_(std::move(grpc.listen)),
      tls_(std::move(grpc.tls)),
      limits_(limits),
      authorizer_(*std::move(grpc.policy), *std::move(grpc.assertion_keys), std::string(name)),
      workers_(std::make_unique<WorkerPool>(limits.worker_threads, limits.max_queued_calls)),
      runtime_(new rpc::ServiceRuntime{ErrorDomain(name), *workers_, authorizer_, log_, metrics_}) {
}

absl::StatusOr<std::unique_ptr<GrpcHost>> GrpcHost::Create(std::string_view name,
                                                           const CommonConfig& common,
                                                           GrpcConfig grpc,
                                                           const HostLimits& limits) {
  if (!grpc.policy.has_value() || !grpc.assertion_keys.has_value()) {
    return Internal("CONFIG_INCOMPLETE", "The policy and the assertion keys were not read.");
  }
  return std::unique_ptr<GrpcHost>(new GrpcHost(name, common, std::move(grpc), limits));
}

GrpcHost::~GrpcHost() { Stop(); }

absl::Status GrpcHost::Serve(const std::vector<grpc::Service*>& services,
                             TerminationSignal& termination, std::function<std::string()> ready) {
  SHODAN_RETURN_IF_ERROR(Start(services, std::move(ready)));
  const int signal = termination.Wait();
  log_.Info("draining", {{"signal", signal}});
  Stop();
  log_.Info("stopped");
  return absl::OkStatus();
}

absl::Status GrpcHost::Start(const std::vector<grpc::Service*>& services,
                             std::function<std::string()> ready) {
  readiness_ = std::make_unique<Readiness>(std::move(ready));
  SHODAN_ASSIGN_OR_RETURN(server_, rpc::Server::Start(listen_, tls_, services, limits_.stream_age));
  // From here on a failure must not leave calls running: the services may go right after it.
  auto admin = AdminServer::Start(common_.admin_listen, metrics_,
                                  [this] { return readiness_->WhyNotReady(); });
  absl::Status status = admin.status();
  if (status.ok()) {
    admin_ = *std::move(admin);
    if (common_.port_file.has_value()) {
      status =
          WritePortFile(*common_.port_file, {{"grpc", server_->port()}, {"admin", admin_->port()}});
    }
  }
  if (!status.ok()) {
    Stop();
    return status;
  }
  readiness_->SetServing();
  log_.Info("serving", {{"grpc_port", server_->port()}, {"admin_port", admin_->port()}});
  return absl::OkStatus();
}

void GrpcHost::Stop() {
  if (readiness_ != nullptr) readiness_->SetDraining();
  if (server_ != nullptr) {
    if (on_drain_) on_drain_();
    server_->Drain(limits_.drain);
  }
  server_.reset();
  admin_.reset();
}

int GrpcHost::grpc_port() const { return server_ == nullptr ? 0 : server_->port(); }
int GrpcHost::admin_port() const { return admin_ == nullptr ? 0 : admin_->port(); }

}  // namespace shodan::service
