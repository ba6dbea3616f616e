// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/automation_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// POST /webhooks/zoom and /webhooks/zoom/{project}: passes on what Zoom sends, byte for byte.
/// Whether it was Zoom the signature says, which is checked where the secret is.
class WebhookHandler {
 public:
  /// `automation` outlives the handler.
  explicit WebhookHandler(AutomationClient& automation) : automation_(automation) {}

  /// 204 once the event is stored; 200 with the answer to a challenge. What Zoom is to send again
  /// is answered with 5xx or 429.
  HandlerResult Take(const RequestContext& context);

 private:
  AutomationClient& automation_;
};

}  // namespace shodan::gateway
