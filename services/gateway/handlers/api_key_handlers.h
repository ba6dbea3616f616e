// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/api_key_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// What administrators do with their project's API keys. Only the answers of Create and Rotate hold
/// a key's text.
class ApiKeyHandlers {
 public:
  /// The client outlives the handlers.
  explicit ApiKeyHandlers(ApiKeyClient& api_keys) : api_keys_(api_keys) {}

  HandlerResult List(const RequestContext& context);
  HandlerResult Create(const RequestContext& context);
  HandlerResult Rotate(const RequestContext& context);
  HandlerResult Delete(const RequestContext& context);

 private:
  ApiKeyClient& api_keys_;
};

}  // namespace shodan::gateway
