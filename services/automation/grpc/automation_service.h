// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "shodan/automation/v1/automation_service.grpc.pb.h"

#include "libs/rpc/run_unary.h"
#include "services/automation/domain/deliveries/delivery_store.h"
#include "services/automation/domain/deliveries/endpoints.h"
#include "services/automation/domain/triggers/trigger_events.h"
#include "services/automation/domain/webhooks/ingestion.h"
#include "services/automation/domain/webhooks/webhook_store.h"

namespace shodan::automation {

/// AutomationService over gRPC: checks requests, converts, calls the domain.
class AutomationServiceImpl final : public v1::AutomationService::CallbackService {
 public:
  /// What the methods lead to. Everything outlives the service.
  struct Parts {
    Ingestion& ingestion;
    TriggerEvents& trigger_events;
    WebhookStore& store;
    Endpoints& endpoints;
    EndpointStore& endpoint_store;
    DeliveryStore& deliveries;
    std::function<void()> on_work;      ///< called when there is something new to read or tell
    std::function<void()> on_endpoint;  ///< called when a project may have got its first endpoint
    std::function<void()> on_delivery;  ///< called when there is something to send
  };
  AutomationServiceImpl(Parts parts, const rpc::ServiceRuntime& runtime)
      : parts_(std::move(parts)), runtime_(runtime) {}

  grpc::ServerUnaryReactor* IngestWebhook(grpc::CallbackServerContext* context,
                                          const v1::IngestWebhookRequest* request,
                                          v1::IngestWebhookResponse* response) override;
  grpc::ServerUnaryReactor* ListTriggerEvents(grpc::CallbackServerContext* context,
                                              const v1::ListTriggerEventsRequest* request,
                                              v1::ListTriggerEventsResponse* response) override;
  grpc::ServerUnaryReactor* ListWebhooks(grpc::CallbackServerContext* context,
                                         const v1::ListWebhooksRequest* request,
                                         v1::ListWebhooksResponse* response) override;
  grpc::ServerUnaryReactor* ReplayWebhooks(grpc::CallbackServerContext* context,
                                           const v1::ReplayWebhooksRequest* request,
                                           v1::ReplayWebhooksResponse* response) override;
  grpc::ServerUnaryReactor* CreateWebhookEndpoint(
      grpc::CallbackServerContext* context, const v1::CreateWebhookEndpointRequest* request,
      v1::CreateWebhookEndpointResponse* response) override;
  grpc::ServerUnaryReactor* GetWebhookEndpoint(grpc::CallbackServerContext* context,
                                               const v1::GetWebhookEndpointRequest* request,
                                               v1::GetWebhookEndpointResponse* response) override;
  grpc::ServerUnaryReactor* ListWebhookEndpoints(
      grpc::CallbackServerContext* context, const v1::ListWebhookEndpointsRequest* request,
      v1::ListWebhookEndpointsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateWebhookEndpoint(
      grpc::CallbackServerContext* context, const v1::UpdateWebhookEndpointRequest* request,
      v1::UpdateWebhookEndpointResponse* response) override;
  grpc::ServerUnaryReactor* DeleteWebhookEndpoint(
      grpc::CallbackServerContext* context, const v1::DeleteWebhookEndpointRequest* request,
      v1::DeleteWebhookEndpointResponse* response) override;
  grpc::ServerUnaryReactor* RotateWebhookEndpointSecret(
      grpc::CallbackServerContext* context, const v1::RotateWebhookEndpointSecretRequest* request,
      v1::RotateWebhookEndpointSecretResponse* response) override;
  grpc::ServerUnaryReactor* ListWebhookDeliveries(
      grpc::CallbackServerContext* context, const v1::ListWebhookDeliveriesRequest* request,
      v1::ListWebhookDeliveriesResponse* response) override;
  grpc::ServerUnaryReactor* ReplayWebhookDeliveries(
      grpc::CallbackServerContext* context, const v1::ReplayWebhookDeliveriesRequest* request,
      v1::ReplayWebhookDeliveriesResponse* response) override;

 private:
  const Parts parts_;
  const rpc::ServiceRuntime& runtime_;
};

}  // namespace shodan::automation
