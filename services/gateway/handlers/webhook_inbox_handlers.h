// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/webhook_inbox_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// What administrators see of the webhooks that came from Zoom, and have told again.
class WebhookInboxHandlers {
 public:
  /// The client outlives the handlers.
  explicit WebhookInboxHandlers(WebhookInboxClient& inbox) : inbox_(inbox) {}

  HandlerResult List(const RequestContext& context);
  HandlerResult Replay(const RequestContext& context);

 private:
  WebhookInboxClient& inbox_;
};

}  // namespace shodan::gateway
