// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/webhook_endpoint_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// What administrators do with the endpoints to which their project's events are sent. Only the
/// answers of Create and RotateSecret hold a secret.
class WebhookEndpointHandlers {
 public:
  /// The client outlives the handlers.
  explicit WebhookEndpointHandlers(WebhookEndpointClient& endpoints) : endpoints_(endpoints) {}

  HandlerResult List(const RequestContext& context);
  HandlerResult Create(const RequestContext& context);
  HandlerResult Get(const RequestContext& context);
  HandlerResult Update(const RequestContext& context);
  HandlerResult Delete(const RequestContext& context);
  HandlerResult RotateSecret(const RequestContext& context);
  HandlerResult ListDeliveries(const RequestContext& context);
  HandlerResult ReplayDeliveries(const RequestContext& context);

 private:
  WebhookEndpointClient& endpoints_;
};

}  // namespace shodan::gateway
