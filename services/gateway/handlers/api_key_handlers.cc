// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/api_key_handlers.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "libs/base/status.h"
#include "libs/http/json_body.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;

constexpr size_t kScopesMax = 5;
constexpr int64_t kLifetimeDaysMax = 3650;
constexpr int64_t kOverlapSecondsMax = 30 * 86'400;
constexpr int64_t kOverlapSecondsDefault = 86'400;

json::object ToJson(const ApiKey& api_key) {
  json::array scopes;
  for (const std::string& scope : api_key.identity.scopes) scopes.emplace_back(scope);
  return {{"apiKeyId", api_key.identity.api_key_id},
          {"name", api_key.name},
          {"scopes", std::move(scopes)},
          {"createTime", JsonTime(api_key.create_time)},
          {"rotateTime", JsonTime(api_key.rotate_time)},
          {"expireTime", JsonTime(api_key.expire_time)},
          {"lastUseTime", JsonTime(api_key.last_use_time)},
          {"previousExpireTime", JsonTime(api_key.previous_expire_time)}};
}

http::Response AnswerOf(int status, const IssuedApiKey& issued) {
  const std::string_view text = issued.text.Expose(SecretAccess::ForAnswer());
  const json::object body{{"apiKey", ToJson(issued.api_key)},
                          {"text", json::string(text.data(), text.size())}};
  return JsonAnswer(status, body);
}

absl::StatusOr<NewApiKey> ReadNewKey(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  NewApiKey content;
  content.name = body.Text("name");
  content.scopes = body.Texts("scopes", 1, kScopesMax);
  const std::optional<int64_t> days = body.OptionalInteger("lifetimeDays", 1, kLifetimeDaysMax);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  if (days.has_value()) {
    // A minute less, so that the longest fits whatever the clocks say.
    content.expire_time =
        std::chrono::system_clock::now() + std::chrono::hours(24 * *days) - std::chrono::minutes(1);
  }
  return content;
}

absl::StatusOr<std::chrono::seconds> ReadOverlap(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  const std::optional<int64_t> overlap =
      body.OptionalInteger("overlapSeconds", 0, kOverlapSecondsMax);
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return std::chrono::seconds(overlap.value_or(kOverlapSecondsDefault));
}

}  // namespace

HandlerResult ApiKeyHandlers::List(const RequestContext& context) {
  auto listing = api_keys_.List(context.backend_call(), context.person());
  const absl::StatusOr<std::vector<ApiKey>> api_keys = co_await std::move(listing);
  if (!api_keys.ok()) co_return api_keys.status();
  json::array shown;
  for (const ApiKey& api_key : *api_keys) shown.push_back(ToJson(api_key));
  const json::object body{{"apiKeys", std::move(shown)}};
  co_return JsonAnswer(200, body);
}

HandlerResult ApiKeyHandlers::Create(const RequestContext& context) {
  absl::StatusOr<NewApiKey> content = ReadNewKey(context.request);
  if (!content.ok()) co_return content.status();
  auto creating = api_keys_.Create(context.backend_call(), context.person(), *std::move(content));
  const absl::StatusOr<IssuedApiKey> issued = co_await std::move(creating);
  if (!issued.ok()) co_return issued.status();
  co_return AnswerOf(201, *issued);
}

HandlerResult ApiKeyHandlers::Rotate(const RequestContext& context) {
  const absl::StatusOr<std::chrono::seconds> overlap = ReadOverlap(context.request);
  if (!overlap.ok()) co_return overlap.status();
  auto rotating = api_keys_.Rotate(context.backend_call(), context.person(),
                                   context.parameter("apiKey"), *overlap);
  const absl::StatusOr<IssuedApiKey> issued = co_await std::move(rotating);
  if (!issued.ok()) co_return issued.status();
  co_return AnswerOf(200, *issued);
}

HandlerResult ApiKeyHandlers::Delete(const RequestContext& context) {
  auto deleting =
      api_keys_.Delete(context.backend_call(), context.person(), context.parameter("apiKey"));
  const absl::StatusOr<bool> deleted = co_await std::move(deleting);
  if (!deleted.ok()) co_return deleted.status();
  co_return NoContent();
}

}  // namespace shodan::gateway
