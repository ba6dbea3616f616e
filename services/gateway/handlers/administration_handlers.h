// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "services/gateway/backends/administration_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// What administrators see and change of their project and its Zoom app.
class AdministrationHandlers {
 public:
  /// The client outlives the handlers; `public_url` has no slash at its end.
  AdministrationHandlers(AdministrationClient& client, std::string public_url)
      : client_(client), public_url_(std::move(public_url)) {}

  HandlerResult GetSettings(const RequestContext& context);
  HandlerResult UpdateSettings(const RequestContext& context);
  HandlerResult GetZoomApp(const RequestContext& context);
  HandlerResult UpdateZoomApp(const RequestContext& context);
  HandlerResult TestCredentials(const RequestContext& context);

 private:
  boost::json::object Shown(const ZoomApp& app) const;

  AdministrationClient& client_;
  const std::string public_url_;
};

}  // namespace shodan::gateway
