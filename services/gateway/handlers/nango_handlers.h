// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/connection_client.h"
#include "services/gateway/handlers/request_context.h"
#include "services/gateway/handlers/zoom_handler.h"

namespace shodan::gateway {

/// What the client @nangohq/node asks of its server, for programs with an API key, below /nango.
/// services/gateway/compatibility/nango.md tells what is offered and what differs.
class NangoHandlers {
 public:
  struct Parts {
    ConnectionClient& connections;
    AccountLinkClient& accounts;
    ZoomHandler& zoom;
    std::string public_url;  ///< without a slash at its end
  };

  explicit NangoHandlers(Parts parts) : parts_(std::move(parts)) {}

  HandlerResult GetConnection(const RequestContext& context);
  HandlerResult ListConnections(const RequestContext& context);
  HandlerResult DeleteConnection(const RequestContext& context);
  HandlerResult SetMetadata(const RequestContext& context);     ///< POST: replaces it
  HandlerResult UpdateMetadata(const RequestContext& context);  ///< PATCH: merges into it

  HandlerResult ListIntegrations(const RequestContext& context);
  HandlerResult GetIntegration(const RequestContext& context);

  HandlerResult CreateSession(const RequestContext& context);
  HandlerResult CreateReconnectSession(const RequestContext& context);
  /// These two are asked with the session's token instead of an API key.
  HandlerResult GetSession(const RequestContext& context);
  HandlerResult DeleteSession(const RequestContext& context);

  /// Any method. For a streamed route.
  HandlerResult Proxy(const RequestContext& context);

 private:
  HandlerResult ChangeMetadata(const RequestContext& context, bool merge);
  HandlerResult Issue(const RequestContext& context, NewConnectSession content);

  const Parts parts_;
};

}  // namespace shodan::gateway
