// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_automation_client.h"

#include <utility>

#include "shodan/automation/v1/automation_service.grpc.pb.h"

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::automation::v1;
using Async = v1::AutomationService::StubInterface::async_interface;

class GrpcAutomationClient final : public AutomationClient {
 public:
  explicit GrpcAutomationClient(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::AutomationService::NewStub(channel)) {}

  Result<std::string> IngestWebhook(BackendCall call, IncomingWebhook webhook) override {
    v1::IngestWebhookRequest request;
    request.set_project_id(std::move(webhook.project_id));
    request.set_client_id(std::move(webhook.client_id));
    request.set_timestamp(std::move(webhook.timestamp));
    request.set_signature(std::move(webhook.signature));
    request.set_body(std::move(webhook.body));
    auto operation = CallUnary<Async, v1::IngestWebhookRequest, v1::IngestWebhookResponse>(
        stub_->async(), &Async::IngestWebhook, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return response->challenge_answer();
  }

 private:
  std::unique_ptr<v1::AutomationService::Stub> stub_;
};

}  // namespace

std::unique_ptr<AutomationClient> MakeGrpcAutomationClient(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<GrpcAutomationClient>(channel);
}

}  // namespace shodan::gateway
