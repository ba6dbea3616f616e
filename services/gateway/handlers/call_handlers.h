// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/backends/call_link_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// Call links, and the calls that a user began.
class CallHandlers {
 public:
  /// The clients outlive the handlers.
  CallHandlers(AccountLinkClient& accounts, CallLinkClient& call_links)
      : accounts_(accounts), call_links_(call_links) {}

  HandlerResult BuildLinks(const RequestContext& context);
  HandlerResult Create(const RequestContext& context);
  HandlerResult List(const RequestContext& context);
  HandlerResult Get(const RequestContext& context);
  HandlerResult Update(const RequestContext& context);
  HandlerResult Delete(const RequestContext& context);

 private:
  AccountLinkClient& accounts_;
  CallLinkClient& call_links_;
};

}  // namespace shodan::gateway
