// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "libs/base/deadline.h"
#include "libs/rpc/assertion.h"
#include "libs/rpc/policy.h"

namespace shodan::rpc {

/// What a handler knows about the call besides the request.
struct CallContext {
  std::string method;  ///< "/package.Service/Method"
  std::string caller;  ///< SPIFFE id of the peer's certificate
  CallMode mode = CallMode::kService;
  std::optional<Assertion> assertion;  ///< absent in mode service
  std::string request_id;  ///< of the gateway's request, or made here; for logs and audit
  Deadline deadline = Deadline::After(std::chrono::milliseconds(0));
};

/// For the audit: "user:<id>", "admin:<id>", "api_key:<id>" or "service:<name>".
std::string ActorOf(const CallContext& call);

}  // namespace shodan::rpc
