// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/zoom_api_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// The meeting actions: a user's meetings at Zoom and who is registered for them.
class MeetingHandlers {
 public:
  /// The client outlives the handlers.
  explicit MeetingHandlers(ZoomApiClient& zoom) : zoom_(zoom) {}

  HandlerResult Create(const RequestContext& context);
  HandlerResult List(const RequestContext& context);
  HandlerResult Get(const RequestContext& context);
  HandlerResult Update(const RequestContext& context);
  HandlerResult Delete(const RequestContext& context);
  HandlerResult AddRegistrant(const RequestContext& context);
  HandlerResult ListRegistrants(const RequestContext& context);
  HandlerResult DeleteRegistrant(const RequestContext& context);

 private:
  ZoomApiClient& zoom_;
};

}  // namespace shodan::gateway
