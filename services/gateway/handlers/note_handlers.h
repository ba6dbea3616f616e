// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/gateway/backends/account_link_client.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// A user's notes on calls, companies and persons.
class NoteHandlers {
 public:
  /// The client outlives the handlers.
  explicit NoteHandlers(AccountLinkClient& accounts) : accounts_(accounts) {}

  HandlerResult Create(const RequestContext& context);
  HandlerResult List(const RequestContext& context);
  HandlerResult Get(const RequestContext& context);
  HandlerResult Update(const RequestContext& context);
  HandlerResult Delete(const RequestContext& context);

 private:
  AccountLinkClient& accounts_;
};

}  // namespace shodan::gateway
