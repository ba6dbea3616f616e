// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "libs/rpc/call_context.h"
#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// Who asks, from the call and the request's own ids, which the authorizer has compared with it.
inline Requester RequesterOf(const rpc::CallContext& call, const std::string& project_id,
                             const std::string& user_id) {
  return {.project_id = project_id,
          .user_id = user_id,
          .actor = rpc::ActorOf(call),
          .caller = call.caller,
          .call_id = call.request_id};
}

}  // namespace shodan::zoomapi
