// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_webhook_endpoint_client.h"

#include <utility>

#include "shodan/automation/v1/automation_service.grpc.pb.h"

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::automation::v1;
using Async = v1::AutomationService::StubInterface::async_interface;

// As many as a project can have, and more: one page.
constexpr int kEndpointsPage = 100;

WebhookEndpoint FromProto(const v1::WebhookEndpoint& proto) {
  WebhookEndpoint endpoint;
  endpoint.webhook_endpoint_id = proto.webhook_endpoint_id();
  endpoint.url = proto.url();
  endpoint.event_types.assign(proto.event_types().begin(), proto.event_types().end());
  endpoint.enabled = proto.state() == v1::WEBHOOK_ENDPOINT_STATE_ENABLED;
  endpoint.disabled_reason = proto.disabled_reason();
  endpoint.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  endpoint.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  endpoint.rotate_time = TimeOf(proto.has_rotate_time(), proto.rotate_time());
  endpoint.previous_expire_time =
      TimeOf(proto.has_previous_expire_time(), proto.previous_expire_time());
  endpoint.failing_since_time = TimeOf(proto.has_failing_since_time(), proto.failing_since_time());
  return endpoint;
}

std::string StateText(v1::WebhookDeliveryState state) {
  switch (state) {
    case v1::WEBHOOK_DELIVERY_STATE_DELIVERED:
      return "delivered";
    case v1::WEBHOOK_DELIVERY_STATE_DEAD:
      return "dead";
    default:
      return "pending";
  }
}

v1::WebhookDeliveryState StateOf(const std::string& text) {
  if (text == "pending") return v1::WEBHOOK_DELIVERY_STATE_PENDING;
  if (text == "delivered") return v1::WEBHOOK_DELIVERY_STATE_DELIVERED;
  if (text == "dead") return v1::WEBHOOK_DELIVERY_STATE_DEAD;
  return v1::WEBHOOK_DELIVERY_STATE_UNSPECIFIED;
}

WebhookDelivery FromProto(const v1::WebhookDelivery& proto) {
  WebhookDelivery delivery;
  delivery.webhook_delivery_id = proto.webhook_delivery_id();
  delivery.message_id = proto.message_id();
  delivery.event_type = proto.event_type();
  delivery.state = StateText(proto.state());
  delivery.attempts = proto.attempt_count();
  delivery.last_answer = proto.last_answer();
  delivery.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  delivery.next_attempt_time = TimeOf(proto.has_next_attempt_time(), proto.next_attempt_time());
  delivery.end_time = TimeOf(proto.has_end_time(), proto.end_time());
  delivery.replays = proto.replay_count();
  return delivery;
}

template <typename Response>
IssuedWebhookEndpoint IssuedOf(Response response) {
  return IssuedWebhookEndpoint{FromProto(response.webhook_endpoint()),
                               Secret::Take(std::move(*response.mutable_secret()))};
}

template <typename Request>
Request NamedRequest(const Person& admin, std::string webhook_endpoint_id) {
  auto request = RequestOf<Request>(admin);
  request.set_webhook_endpoint_id(std::move(webhook_endpoint_id));
  return request;
}

class GrpcWebhookEndpointClient final : public WebhookEndpointClient {
 public:
  GrpcWebhookEndpointClient(std::shared_ptr<grpc::Channel> automation, AssertionSigner& signer)
      : stub_(v1::AutomationService::NewStub(automation)), signer_(signer) {}

  Result<IssuedWebhookEndpoint> Create(BackendCall call, Person admin,
                                       WebhookEndpointContent content) override {
    auto request = RequestOf<v1::CreateWebhookEndpointRequest>(admin);
    request.set_url(content.url.value_or(""));
    if (content.event_types.has_value()) {
      for (std::string& type : *content.event_types) request.add_event_types(std::move(type));
    }
    auto operation =
        CallUnary<Async, v1::CreateWebhookEndpointRequest, v1::CreateWebhookEndpointResponse>(
            stub_->async(), &Async::CreateWebhookEndpoint, std::move(call), Assert(admin),
            std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return IssuedOf(*std::move(response));
  }

  Result<std::vector<WebhookEndpoint>> List(BackendCall call, Person admin) override {
    auto request = RequestOf<v1::ListWebhookEndpointsRequest>(admin);
    request.set_page_size(kEndpointsPage);
    auto operation =
        CallUnary<Async, v1::ListWebhookEndpointsRequest, v1::ListWebhookEndpointsResponse>(
            stub_->async(), &Async::ListWebhookEndpoints, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    std::vector<WebhookEndpoint> endpoints;
    for (const v1::WebhookEndpoint& endpoint : response->webhook_endpoints()) {
      endpoints.push_back(FromProto(endpoint));
    }
    co_return endpoints;
  }

  Result<WebhookEndpoint> Get(BackendCall call, Person admin,
                              std::string webhook_endpoint_id) override {
    auto request =
        NamedRequest<v1::GetWebhookEndpointRequest>(admin, std::move(webhook_endpoint_id));
    auto operation =
        CallUnary<Async, v1::GetWebhookEndpointRequest, v1::GetWebhookEndpointResponse>(
            stub_->async(), &Async::GetWebhookEndpoint, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->webhook_endpoint());
  }

  Result<WebhookEndpoint> Update(BackendCall call, Person admin, std::string webhook_endpoint_id,
                                 WebhookEndpointContent content) override {
    auto request =
        NamedRequest<v1::UpdateWebhookEndpointRequest>(admin, std::move(webhook_endpoint_id));
    request.set_url(content.url.value_or(""));
    if (content.event_types.has_value()) {
      for (std::string& type : *content.event_types) request.add_event_types(std::move(type));
    }
    if (content.enabled.has_value()) {
      request.set_state(*content.enabled ? v1::WEBHOOK_ENDPOINT_STATE_ENABLED
                                         : v1::WEBHOOK_ENDPOINT_STATE_DISABLED);
    }
    auto operation =
        CallUnary<Async, v1::UpdateWebhookEndpointRequest, v1::UpdateWebhookEndpointResponse>(
            stub_->async(), &Async::UpdateWebhookEndpoint, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->webhook_endpoint());
  }

  Result<bool> Delete(BackendCall call, Person admin, std::string webhook_endpoint_id) override {
    auto request =
        NamedRequest<v1::DeleteWebhookEndpointRequest>(admin, std::move(webhook_endpoint_id));
    auto operation =
        CallUnary<Async, v1::DeleteWebhookEndpointRequest, v1::DeleteWebhookEndpointResponse>(
            stub_->async(), &Async::DeleteWebhookEndpoint, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<IssuedWebhookEndpoint> RotateSecret(BackendCall call, Person admin,
                                             std::string webhook_endpoint_id,
                                             std::chrono::seconds overlap) override {
    auto request =
        NamedRequest<v1::RotateWebhookEndpointSecretRequest>(admin, std::move(webhook_endpoint_id));
    request.mutable_overlap()->set_seconds(overlap.count());
    auto operation = CallUnary<Async, v1::RotateWebhookEndpointSecretRequest,
                               v1::RotateWebhookEndpointSecretResponse>(
        stub_->async(), &Async::RotateWebhookEndpointSecret, std::move(call), Assert(admin),
        std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return IssuedOf(*std::move(response));
  }

  Result<Page<WebhookDelivery>> ListDeliveries(BackendCall call, Person admin,
                                               WebhookDeliveryQuery query) override {
    auto request =
        NamedRequest<v1::ListWebhookDeliveriesRequest>(admin, std::move(query.webhook_endpoint_id));
    request.set_state(StateOf(query.state));
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation =
        CallUnary<Async, v1::ListWebhookDeliveriesRequest, v1::ListWebhookDeliveriesResponse>(
            stub_->async(), &Async::ListWebhookDeliveries, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    Page<WebhookDelivery> page;
    for (const v1::WebhookDelivery& delivery : response->webhook_deliveries()) {
      page.records.push_back(FromProto(delivery));
    }
    page.next_page_token = response->next_page_token();
    co_return page;
  }

  Result<int> ReplayDeliveries(BackendCall call, Person admin, std::string webhook_endpoint_id,
                               std::vector<std::string> webhook_delivery_ids) override {
    auto request =
        NamedRequest<v1::ReplayWebhookDeliveriesRequest>(admin, std::move(webhook_endpoint_id));
    for (std::string& id : webhook_delivery_ids) request.add_webhook_delivery_ids(std::move(id));
    auto operation =
        CallUnary<Async, v1::ReplayWebhookDeliveriesRequest, v1::ReplayWebhookDeliveriesResponse>(
            stub_->async(), &Async::ReplayWebhookDeliveries, std::move(call), Assert(admin),
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return response->replayed_count();
  }

 private:
  std::string Assert(const Person& admin) { return signer_.For("automation", admin); }

  std::unique_ptr<v1::AutomationService::Stub> stub_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<WebhookEndpointClient> MakeGrpcWebhookEndpointClient(
    std::shared_ptr<grpc::Channel> automation, AssertionSigner& signer) {
  return std::make_unique<GrpcWebhookEndpointClient>(std::move(automation), signer);
}

}  // namespace shodan::gateway
