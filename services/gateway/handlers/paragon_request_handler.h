// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/handlers/request_context.h"
#include "services/gateway/handlers/zoom_handler.h"

namespace shodan::gateway {

/// request() of @useparagon/connect: what ZoomHandler does, with answers as that client reads them
/// (compatibility/paragon.md). For streamed routes.
class ParagonRequestHandler {
 public:
  /// Both outlive the handler.
  ParagonRequestHandler(AccountLinkClient& accounts, const ZoomHandler& zoom)
      : accounts_(accounts), zoom_(zoom) {}

  HandlerResult Forward(const RequestContext& context);

 private:
  AccountLinkClient& accounts_;
  const ZoomHandler& zoom_;
};

/// Zoom's answer to a request: JSON becomes the `output` of an object, so that an `output` of
/// Zoom's own is not taken for it; an error gets `message` and `code` beside it. Everything else
/// stays as it is.
HandlerResult AsParagonAnswer(http::Response response, bool head_only);

}  // namespace shodan::gateway
