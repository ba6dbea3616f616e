// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/connection_client.h"
#include "services/gateway/handlers/link_handlers.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// GET /connect/session?token=…: where a connect session begins in a browser. Starts an
/// authorization for the session's user and leads to its ticket, which asks who is there.
class ConnectSessionHandler {
 public:
  /// All outlive the handler.
  ConnectSessionHandler(ConnectionClient& connections, LinkHandlers& links)
      : connections_(connections), links_(links) {}

  HandlerResult Open(const RequestContext& context);

 private:
  ConnectionClient& connections_;
  LinkHandlers& links_;
};

}  // namespace shodan::gateway
