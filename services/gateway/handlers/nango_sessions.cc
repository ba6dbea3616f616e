// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/json_body.h"
#include "libs/http/target.h"
#include "services/gateway/auth/session_reader.h"
#include "services/gateway/handlers/json.h"
#include "services/gateway/handlers/nango_errors.h"
#include "services/gateway/handlers/nango_handlers.h"
#include "services/gateway/handlers/nango_json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr size_t kIntegrationsMax = 100;

std::string TextOf(const std::optional<json::object>& object, std::string_view name) {
  if (!object.has_value()) return {};
  const json::value* value = object->if_contains({name.data(), name.size()});
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(text->c_str(), text->size());
}

// Takes what a session may say besides. What would change something here, and cannot, is refused;
// what only describes is let go.
void ReadOthers(http::JsonBody& body) {
  body.OptionalObject("organization");
  body.OptionalObject("overrides");
  const std::optional<json::object> defaults = body.OptionalObject("integrations_config_defaults");
  if (defaults.has_value() && !defaults->empty()) {
    body.AddProblem("integrations_config_defaults", "NOT_ALLOWED",
                    "must be absent or empty: scopes are those of the project's Zoom app.");
  }
  if (body.OptionalText("webhook_url_override").has_value()) {
    body.AddProblem("webhook_url_override", "NOT_ALLOWED", "must be absent.");
  }
}

// The user is the end user, or the one that the tags name.
absl::StatusOr<NewConnectSession> ReadSession(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  const std::optional<json::object> end_user = body.OptionalObject("end_user");
  const std::optional<json::object> tags = body.OptionalObject("tags");
  const std::vector<std::string> allowed =
      body.OptionalTexts("allowed_integrations", 0, kIntegrationsMax)
          .value_or(std::vector<std::string>());
  ReadOthers(body);
  NewConnectSession content;
  content.user_id =
      TextOf(end_user.has_value() ? end_user : tags, end_user.has_value() ? "id" : "end_user_id");
  if (content.user_id.empty()) {
    body.AddProblem(end_user.has_value() ? "end_user.id" : "end_user", "REQUIRED", "is required.");
  }
  content.user_display_name = TextOf(end_user, "display_name");
  if (content.user_display_name.empty()) {
    content.user_display_name = TextOf(tags, "end_user_display_name");
  }
  content.connection_id = TextOf(tags, "connection_id");
  if (!allowed.empty() &&
      std::find(allowed.begin(), allowed.end(), kNangoIntegration) == allowed.end()) {
    body.AddProblem("allowed_integrations", "NOT_ALLOWED", "must contain zoom.");
  }
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return content;
}

absl::StatusOr<NewConnectSession> ReadReconnectSession(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  NewConnectSession content;
  content.reconnect = true;
  content.connection_id = body.Text("connection_id");
  const std::string integration = body.Text("integration_id");
  content.user_display_name = TextOf(body.OptionalObject("end_user"), "display_name");
  body.OptionalObject("tags");
  ReadOthers(body);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  if (integration != kNangoIntegration) return UnknownProviderConfig();
  return content;
}

absl::StatusOr<std::string> ReadToken(const http::RequestHead& head) {
  SessionToken token = FindSessionToken(head);
  if (token.bearer) return std::move(token.text);
  return Unauthenticated("CONNECT_SESSION_INVALID",
                         "Send the session's token: Authorization: Bearer TOKEN.");
}

}  // namespace

HandlerResult NangoHandlers::Issue(const RequestContext& context, NewConnectSession content) {
  auto creating = parts_.connections.CreateSession(
      context.backend_call(), Person(*context.api_key, ""), std::move(content));
  const absl::StatusOr<IssuedConnectSession> issued = co_await std::move(creating);
  if (!issued.ok()) co_return issued.status();
  const std::string_view token = issued->token.Expose(SecretAccess::ForAnswer());
  const std::string link =
      Join(parts_.public_url, "/connect/session?token=", http::PercentEncode(token));
  const json::object data{{"token", json::string(token.data(), token.size())},
                          {"connect_link", link},
                          {"expires_at", JsonTime(issued->session.expire_time)}};
  const json::object body{{"data", data}};
  co_return JsonAnswer(201, body);
}

HandlerResult NangoHandlers::CreateSession(const RequestContext& context) {
  absl::StatusOr<NewConnectSession> content = ReadSession(context.request);
  if (!content.ok()) co_return content.status();
  auto issuing = Issue(context, *std::move(content));
  co_return co_await std::move(issuing);
}

HandlerResult NangoHandlers::CreateReconnectSession(const RequestContext& context) {
  absl::StatusOr<NewConnectSession> content = ReadReconnectSession(context.request);
  if (!content.ok()) co_return content.status();
  auto issuing = Issue(context, *std::move(content));
  co_return co_await std::move(issuing);
}

HandlerResult NangoHandlers::GetSession(const RequestContext& context) {
  absl::StatusOr<std::string> token = ReadToken(context.request.head);
  if (!token.ok()) co_return token.status();
  auto reading = parts_.connections.GetSession(context.backend_call(), *std::move(token));
  const absl::StatusOr<ConnectSession> session = co_await std::move(reading);
  if (!session.ok()) co_return session.status();
  const json::object body{{"data", NangoSession(*session)}};
  co_return JsonAnswer(200, body);
}

HandlerResult NangoHandlers::DeleteSession(const RequestContext& context) {
  absl::StatusOr<std::string> token = ReadToken(context.request.head);
  if (!token.ok()) co_return token.status();
  auto deleting = parts_.connections.DeleteSession(context.backend_call(), *std::move(token));
  const absl::StatusOr<bool> deleted = co_await std::move(deleting);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

}  // namespace shodan::gateway
