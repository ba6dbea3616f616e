// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/webhook_handler.h"

#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"

namespace shodan::gateway {
namespace {

constexpr size_t kClientIdBytesMax = 255;
constexpr size_t kTimestampBytesMax = 32;
constexpr size_t kSignatureBytesMax = 128;

// A field that comes twice, or is longer than Zoom's ever is, says nothing.
std::string FieldOf(const http::Fields& fields, std::string_view name, size_t max) {
  const std::string_view value = fields.Get(name);
  return fields.Count(name) == 1 && value.size() <= max ? std::string(value) : std::string();
}

}  // namespace

HandlerResult WebhookHandler::Take(const RequestContext& context) {
  const http::Fields& fields = context.request.head.fields;
  IncomingWebhook webhook;
  if (context.parameters.contains("project")) webhook.project_id = context.parameter("project");
  webhook.client_id = FieldOf(fields, "clientid", kClientIdBytesMax);
  webhook.timestamp = FieldOf(fields, "x-zm-request-timestamp", kTimestampBytesMax);
  webhook.signature = FieldOf(fields, "x-zm-signature", kSignatureBytesMax);
  webhook.body = context.request.body;
  auto ingesting = automation_.IngestWebhook(context.backend_call(), std::move(webhook));
  const absl::StatusOr<std::string> answer = co_await std::move(ingesting);
  if (!answer.ok()) co_return answer.status();
  if (!answer->empty()) co_return http::JsonResponse(200, *answer);
  http::Response stored;
  stored.status = 204;
  co_return stored;
}

}  // namespace shodan::gateway
