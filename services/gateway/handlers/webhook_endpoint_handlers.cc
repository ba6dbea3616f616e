// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/webhook_endpoint_handlers.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr size_t kEventTypesMax = 14;
constexpr size_t kReplayIdsMax = 100;
constexpr int64_t kOverlapSecondsMax = 30 * 86'400;
constexpr int64_t kOverlapSecondsDefault = 86'400;
constexpr int64_t kPageSizeMax = 100;
constexpr int64_t kPageSizeDefault = 25;

json::object ToJson(const WebhookEndpoint& endpoint) {
  json::array types;
  for (const std::string& type : endpoint.event_types) types.emplace_back(type);
  return {{"webhookEndpointId", endpoint.webhook_endpoint_id},
          {"url", endpoint.url},
          {"eventTypes", std::move(types)},
          {"enabled", endpoint.enabled},
          {"disabledReason", JsonOptional(endpoint.disabled_reason)},
          {"createTime", JsonTime(endpoint.create_time)},
          {"updateTime", JsonTime(endpoint.update_time)},
          {"rotateTime", JsonTime(endpoint.rotate_time)},
          {"previousExpireTime", JsonTime(endpoint.previous_expire_time)},
          {"failingSinceTime", JsonTime(endpoint.failing_since_time)}};
}

json::object ToJson(const WebhookDelivery& delivery) {
  return {{"webhookDeliveryId", delivery.webhook_delivery_id},
          {"messageId", delivery.message_id},
          {"eventType", delivery.event_type},
          {"state", delivery.state},
          {"attemptCount", delivery.attempts},
          {"lastAnswer", JsonOptional(delivery.last_answer)},
          {"createTime", JsonTime(delivery.create_time)},
          {"nextAttemptTime", JsonTime(delivery.next_attempt_time)},
          {"endTime", JsonTime(delivery.end_time)},
          {"replayCount", delivery.replays}};
}

http::Response AnswerOf(int status, const IssuedWebhookEndpoint& issued) {
  const std::string_view secret = issued.secret.Expose(SecretAccess::ForAnswer());
  const json::object body{{"webhookEndpoint", ToJson(issued.webhook_endpoint)},
                          {"secret", json::string(secret.data(), secret.size())}};
  return JsonAnswer(status, body);
}

absl::StatusOr<WebhookEndpointContent> ReadNew(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  WebhookEndpointContent content;
  content.url = body.Text("url");
  content.event_types = body.Texts("eventTypes", 1, kEventTypesMax);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return content;
}

absl::StatusOr<WebhookEndpointContent> ReadChange(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  WebhookEndpointContent content;
  content.url = body.OptionalText("url");
  if (content.url.has_value() && content.url->empty()) {
    body.AddProblem("url", "MALFORMED", "must not be empty");
  }
  content.event_types = body.OptionalTexts("eventTypes", 1, kEventTypesMax);
  if (body.Has("enabled")) content.enabled = body.Bool("enabled", false);
  const bool nothing =
      !content.url.has_value() && !content.event_types.has_value() && !content.enabled.has_value();
  if (nothing) body.AddProblem("body", "REQUIRED", "must change something");
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return content;
}

absl::StatusOr<std::chrono::seconds> ReadOverlap(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  const std::optional<int64_t> overlap =
      body.OptionalInteger("overlapSeconds", 0, kOverlapSecondsMax);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return std::chrono::seconds(overlap.value_or(kOverlapSecondsDefault));
}

absl::StatusOr<WebhookDeliveryQuery> ReadQuery(const RequestContext& context) {
  http::Parameters parameters(context.request.head.target.query);
  WebhookDeliveryQuery query;
  query.webhook_endpoint_id = context.parameter("webhookEndpoint");
  query.state = parameters.Text("state");
  query.page_size =
      static_cast<int>(parameters.Integer("pageSize", 1, kPageSizeMax, kPageSizeDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  if (!query.state.empty() && query.state != "pending" && query.state != "delivered" &&
      query.state != "dead") {
    return InvalidField("state", "NOT_ALLOWED", "must be pending, delivered or dead");
  }
  return query;
}

absl::StatusOr<std::vector<std::string>> ReadReplay(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  std::optional<std::vector<std::string>> ids =
      body.OptionalTexts("webhookDeliveryIds", 1, kReplayIdsMax);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return std::move(ids).value_or(std::vector<std::string>());
}

}  // namespace

HandlerResult WebhookEndpointHandlers::List(const RequestContext& context) {
  auto listing = endpoints_.List(context.backend_call(), context.person());
  const absl::StatusOr<std::vector<WebhookEndpoint>> endpoints = co_await std::move(listing);
  if (!endpoints.ok()) co_return endpoints.status();
  json::array shown;
  for (const WebhookEndpoint& endpoint : *endpoints) shown.push_back(ToJson(endpoint));
  const json::object body{{"webhookEndpoints", std::move(shown)}};
  co_return JsonAnswer(200, body);
}

HandlerResult WebhookEndpointHandlers::Create(const RequestContext& context) {
  absl::StatusOr<WebhookEndpointContent> content = ReadNew(context.request);
  if (!content.ok()) co_return content.status();
  auto creating = endpoints_.Create(context.backend_call(), context.person(), *std::move(content));
  const absl::StatusOr<IssuedWebhookEndpoint> issued = co_await std::move(creating);
  if (!issued.ok()) co_return issued.status();
  co_return AnswerOf(201, *issued);
}

HandlerResult WebhookEndpointHandlers::Get(const RequestContext& context) {
  auto getting = endpoints_.Get(context.backend_call(), context.person(),
                                context.parameter("webhookEndpoint"));
  const absl::StatusOr<WebhookEndpoint> endpoint = co_await std::move(getting);
  if (!endpoint.ok()) co_return endpoint.status();
  co_return JsonAnswer(200, ToJson(*endpoint));
}

HandlerResult WebhookEndpointHandlers::Update(const RequestContext& context) {
  absl::StatusOr<WebhookEndpointContent> content = ReadChange(context.request);
  if (!content.ok()) co_return content.status();
  auto updating = endpoints_.Update(context.backend_call(), context.person(),
                                    context.parameter("webhookEndpoint"), *std::move(content));
  const absl::StatusOr<WebhookEndpoint> endpoint = co_await std::move(updating);
  if (!endpoint.ok()) co_return endpoint.status();
  co_return JsonAnswer(200, ToJson(*endpoint));
}

HandlerResult WebhookEndpointHandlers::Delete(const RequestContext& context) {
  auto deleting = endpoints_.Delete(context.backend_call(), context.person(),
                                    context.parameter("webhookEndpoint"));
  const absl::StatusOr<bool> deleted = co_await std::move(deleting);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

HandlerResult WebhookEndpointHandlers::RotateSecret(const RequestContext& context) {
  const absl::StatusOr<std::chrono::seconds> overlap = ReadOverlap(context.request);
  if (!overlap.ok()) co_return overlap.status();
  auto rotating = endpoints_.RotateSecret(context.backend_call(), context.person(),
                                          context.parameter("webhookEndpoint"), *overlap);
  const absl::StatusOr<IssuedWebhookEndpoint> issued = co_await std::move(rotating);
  if (!issued.ok()) co_return issued.status();
  co_return AnswerOf(200, *issued);
}

HandlerResult WebhookEndpointHandlers::ListDeliveries(const RequestContext& context) {
  absl::StatusOr<WebhookDeliveryQuery> query = ReadQuery(context);
  if (!query.ok()) co_return query.status();
  auto listing =
      endpoints_.ListDeliveries(context.backend_call(), context.person(), *std::move(query));
  const absl::StatusOr<Page<WebhookDelivery>> page = co_await std::move(listing);
  if (!page.ok()) co_return page.status();
  json::array shown;
  for (const WebhookDelivery& delivery : page->records) shown.push_back(ToJson(delivery));
  const json::object body{{"webhookDeliveries", std::move(shown)},
                          {"nextPageToken", page->next_page_token}};
  co_return JsonAnswer(200, body);
}

HandlerResult WebhookEndpointHandlers::ReplayDeliveries(const RequestContext& context) {
  absl::StatusOr<std::vector<std::string>> ids = ReadReplay(context.request);
  if (!ids.ok()) co_return ids.status();
  auto replaying =
      endpoints_.ReplayDeliveries(context.backend_call(), context.person(),
                                  context.parameter("webhookEndpoint"), *std::move(ids));
  const absl::StatusOr<int> replayed = co_await std::move(replaying);
  if (!replayed.ok()) co_return replayed.status();
  const json::object body{{"replayedCount", *replayed}};
  co_return JsonAnswer(200, body);
}

}  // namespace shodan::gateway
