// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// Who is signed in.
HandlerResult GetSession(const RequestContext& context);

/// The OpenAPI 3.1 document of the browser API.
HandlerResult GetOpenApi(const RequestContext& context);

/// services/gateway/openapi.json as compiled in.
const std::string& OpenApiDocument();

}  // namespace shodan::gateway
