// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/document_handlers.h"

#include "services/gateway/handlers/json.h"

namespace shodan::gateway {

HandlerResult GetSession(const RequestContext& context) {
  co_return JsonAnswer(200, ToJson(*context.session));
}

HandlerResult GetOpenApi(const RequestContext&) {
  http::Response response = http::JsonResponse(200, OpenApiDocument());
  response.fields.Set("Cache-Control", "public, max-age=300");
  co_return response;
}

}  // namespace shodan::gateway
