// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/json.h"
#include "services/gateway/handlers/nango_errors.h"
#include "services/gateway/handlers/nango_handlers.h"
#include "services/gateway/handlers/nango_json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr std::string_view kTokenScope = "token.read";
constexpr size_t kConnectionIdsMax = 100;
constexpr int64_t kPageSizeMaxOfConnections = 1'000;
constexpr int64_t kSkippedMax = 100'000;

absl::Status CheckProviderConfig(std::string_view key) {
  return key == kNangoIntegration ? absl::OkStatus() : UnknownProviderConfig();
}

// Without it nothing is asked of the vault, which would refuse it too.
absl::Status CheckMayReadTokens(const ApiKeyIdentity& api_key) {
  if (std::find(api_key.scopes.begin(), api_key.scopes.end(), kTokenScope) !=
      api_key.scopes.end()) {
    return absl::OkStatus();
  }
  return PermissionDenied("SCOPE_REQUIRED", "The API key does not have the scope token.read.");
}

struct ReadQuery {
  bool force_refresh = false;
};

absl::StatusOr<ReadQuery> ReadGetQuery(const http::Target& target) {
  http::Parameters parameters(target.query);
  const std::string key = parameters.Text("provider_config_key");
  ReadQuery query;
  query.force_refresh = parameters.Bool("force_refresh", false);
  // Asked for or not: a refresh token never leaves the vault.
  parameters.Bool("refresh_token", false);
  parameters.Bool("refresh_github_app_jwt_token", false);
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  SHODAN_RETURN_IF_ERROR(CheckProviderConfig(key));
  return query;
}

absl::Status CheckNoQuery(const http::Target& target) {
  http::Parameters parameters(target.query);
  return parameters.Finish();
}

absl::Status ReadDeleteQuery(const http::Target& target) {
  http::Parameters parameters(target.query);
  const std::string key = parameters.Text("provider_config_key");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  return CheckProviderConfig(key);
}

// nullopt when no connection can be meant.
absl::StatusOr<std::optional<ConnectionQuery>> ReadListQuery(const http::Target& target) {
  http::Parameters parameters(target.query);
  ConnectionQuery query;
  query.connection_id = parameters.Text("connectionId");
  query.user_id = parameters.Text("endUserId");
  const std::string integrations = "," + parameters.Text("integrationId") + ",";
  const int64_t size =
      parameters.Integer("limit", 1, kPageSizeMaxOfConnections, kPageSizeMaxOfConnections);
  const int64_t page = parameters.Integer("page", 0, kSkippedMax / size, 0);
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  query.page_size = static_cast<int>(size);
  query.skip = static_cast<int>(page * size);
  if (integrations != ",," && integrations.find(",zoom,") == std::string::npos) return std::nullopt;
  return query;
}

struct MetadataBody {
  std::vector<std::string> connection_ids;
  json::value connection_id;  ///< as it came, a text or a list
  json::object metadata;
};

absl::StatusOr<MetadataBody> ReadMetadata(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  MetadataBody read;
  const std::string key = body.Text("provider_config_key");
  read.connection_id = body.OptionalValue("connection_id").value_or(nullptr);
  if (const json::string* one = read.connection_id.if_string()) {
    read.connection_ids.emplace_back(one->c_str(), one->size());
  } else if (read.connection_id.is_array()) {
    read.connection_ids = body.Texts("connection_id", 1, kConnectionIdsMax);
  } else {
    body.AddProblem("connection_id", "REQUIRED", "is required: a text, or a list of texts.");
  }
  std::optional<json::object> metadata = body.OptionalObject("metadata");
  if (!metadata.has_value() && !body.Has("metadata")) {
    body.AddProblem("metadata", "REQUIRED", "is required: an object.");
  }
  SHODAN_RETURN_IF_ERROR(body.Finish());
  SHODAN_RETURN_IF_ERROR(CheckProviderConfig(key));
  read.metadata = *std::move(metadata);
  return read;
}

// As clients of other servers know it.
absl::Status AsUnknownConnection(const absl::Status& status) {
  if (!HasReason(status, "CONNECTION_NOT_FOUND")) return status;
  return InvalidArgument("UNKNOWN_CONNECTION", "There is no connection with this id.");
}

}  // namespace

HandlerResult NangoHandlers::GetConnection(const RequestContext& context) {
  const absl::StatusOr<ReadQuery> query = ReadGetQuery(context.request.head.target);
  if (!query.ok()) co_return query.status();
  absl::Status allowed = CheckMayReadTokens(*context.api_key);
  if (!allowed.ok()) co_return allowed;
  const Person key(*context.api_key, "");
  auto finding =
      parts_.connections.Get(context.backend_call(), key, context.parameter("connection"));
  const absl::StatusOr<Connection> connection = co_await std::move(finding);
  if (!connection.ok()) co_return connection.status();
  const Person for_user(*context.api_key, connection->link.user_id);
  auto reading = parts_.connections.GetAccessToken(context.backend_call(), for_user, 0);
  absl::StatusOr<AccessToken> token = co_await std::move(reading);
  if (token.ok() && query->force_refresh) {
    auto refreshing =
        parts_.connections.GetAccessToken(context.backend_call(), for_user, token->version);
    token = co_await std::move(refreshing);
  }
  if (!token.ok()) co_return token.status();
  co_return JsonAnswer(200, NangoConnection(*connection, *token, std::chrono::system_clock::now()));
}

HandlerResult NangoHandlers::ListConnections(const RequestContext& context) {
  const auto query = ReadListQuery(context.request.head.target);
  if (!query.ok()) co_return query.status();
  json::array shown;
  if (query->has_value()) {
    auto listing =
        parts_.connections.List(context.backend_call(), Person(*context.api_key, ""), **query);
    const absl::StatusOr<std::vector<Connection>> connections = co_await std::move(listing);
    if (!connections.ok()) co_return connections.status();
    for (const Connection& connection : *connections) shown.push_back(NangoConnection(connection));
  }
  const json::object body{{"connections", std::move(shown)}};
  co_return JsonAnswer(200, body);
}

HandlerResult NangoHandlers::DeleteConnection(const RequestContext& context) {
  absl::Status known = ReadDeleteQuery(context.request.head.target);
  if (!known.ok()) co_return known;
  auto finding = parts_.connections.Resolve(context.backend_call(), context.api_key->project_id,
                                            context.parameter("connection"));
  const absl::StatusOr<Connection> connection = co_await std::move(finding);
  if (!connection.ok()) co_return AsUnknownConnection(connection.status());
  auto disconnecting = parts_.accounts.AdminDisconnect(
      context.backend_call(), Person(*context.api_key, ""), connection->link.user_id, RandomUuid());
  const absl::StatusOr<Disconnection> result = co_await std::move(disconnecting);
  if (!result.ok()) co_return result.status();
  const json::object body{{"success", true}};
  co_return JsonAnswer(200, body);
}

HandlerResult NangoHandlers::ChangeMetadata(const RequestContext& context, bool merge) {
  const absl::StatusOr<MetadataBody> read = ReadMetadata(context.request);
  if (!read.ok()) co_return read.status();
  auto updating = parts_.connections.UpdateMetadata(
      context.backend_call(), Person(*context.api_key, ""), read->connection_ids,
      json::serialize(read->metadata), merge);
  const absl::StatusOr<bool> done = co_await std::move(updating);
  if (!done.ok()) co_return AsUnknownConnection(done.status());
  const json::object body{{"connection_id", read->connection_id},
                          {"provider_config_key", "zoom"},
                          {"metadata", read->metadata}};
  co_return JsonAnswer(merge ? 200 : 201, body);
}

HandlerResult NangoHandlers::SetMetadata(const RequestContext& context) {
  return ChangeMetadata(context, false);
}

HandlerResult NangoHandlers::UpdateMetadata(const RequestContext& context) {
  return ChangeMetadata(context, true);
}

HandlerResult NangoHandlers::ListIntegrations(const RequestContext& context) {
  absl::Status known = CheckNoQuery(context.request.head.target);
  if (!known.ok()) co_return known;
  const json::object body{{"data", json::array{NangoIntegration(parts_.public_url)}}};
  co_return JsonAnswer(200, body);
}

HandlerResult NangoHandlers::GetIntegration(const RequestContext& context) {
  absl::Status known = CheckNoQuery(context.request.head.target);
  if (known.ok()) known = CheckProviderConfig(context.parameter("integrationKey"));
  if (!known.ok()) co_return known;
  const json::object body{{"data", NangoIntegration(parts_.public_url)}};
  co_return JsonAnswer(200, body);
}

}  // namespace shodan::gateway
