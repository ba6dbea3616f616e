// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/webhook_inbox_handlers.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/http/json_body.h"
#include "libs/http/parameters.h"
#include "services/gateway/handlers/json.h"

namespace shodan::gateway {
namespace {

namespace json = boost::json;
using Violations = std::vector<FieldViolation>;

constexpr int kWebhooksPerPageMax = 100;
constexpr int kWebhooksPerPageDefault = 25;
constexpr size_t kReplayIdsMax = 500;

// In the order of WebhookState.
constexpr std::string_view kStates[] = {"", "received", "held", "released", "settled", "parked"};

WebhookState ReadState(std::string_view text, bool replayed, Violations& problems) {
  const auto* const found = std::find(std::begin(kStates), std::end(kStates), text);
  const auto state = static_cast<WebhookState>(found - std::begin(kStates));
  const bool replayable = state == WebhookState::kAny || state == WebhookState::kReleased ||
                          state == WebhookState::kParked;
  if (found == std::end(kStates) || (replayed && !replayable)) {
    problems.push_back(
        {"state", "OUT_OF_RANGE",
         replayed ? "must be released or parked, or absent for both."
                  : "must be received, held, released, settled or parked, or absent for all."});
    return WebhookState::kAny;
  }
  return state;
}

// RFC 3339. Empty: none.
std::optional<Time> ReadTime(std::string_view field, const std::string& text,
                             Violations& problems) {
  if (text.empty()) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || time < absl::UnixEpoch() ||
      time > absl::FromUnixSeconds(7'258'118'400)) {
    problems.push_back({std::string(field), "MALFORMED",
                        "must be a time between 1970 and 2200, \"2026-11-22T09:30:00Z\" say."});
    return std::nullopt;
  }
  return absl::ToChronoTime(time);
}

absl::StatusOr<WebhookQuery> ReadQuery(const http::Request& request) {
  http::Parameters parameters(request.head.target.query);
  Violations problems;
  WebhookQuery query;
  query.state = ReadState(parameters.Text("state"), /*replayed=*/false, problems);
  query.start_time = ReadTime("startTime", parameters.Text("startTime"), problems);
  query.end_time = ReadTime("endTime", parameters.Text("endTime"), problems);
  query.page_size = static_cast<int>(
      parameters.Integer("pageSize", 1, kWebhooksPerPageMax, kWebhooksPerPageDefault));
  query.page_token = parameters.Text("pageToken");
  SHODAN_RETURN_IF_ERROR(parameters.Finish());
  if (!problems.empty()) return InvalidFields(problems);
  return query;
}

absl::StatusOr<WebhookReplay> ReadReplay(const http::Request& request) {
  SHODAN_ASSIGN_OR_RETURN(http::JsonBody body, http::JsonBody::Parse(request));
  Violations problems;
  WebhookReplay replay;
  replay.webhook_ids =
      body.OptionalTexts("webhookIds", 1, kReplayIdsMax).value_or(std::vector<std::string>());
  replay.start_time = ReadTime("startTime", body.OptionalText("startTime").value_or(""), problems);
  replay.end_time = ReadTime("endTime", body.OptionalText("endTime").value_or(""), problems);
  replay.state = ReadState(body.OptionalText("state").value_or(""), /*replayed=*/true, problems);
  for (const FieldViolation& problem : problems) {
    body.AddProblem(problem.field, problem.reason, problem.description);
  }
  SHODAN_RETURN_IF_ERROR(body.Finish());
  return replay;
}

json::object ToJson(const WebhookRecord& webhook) {
  return {{"webhookId", webhook.webhook_id},
          {"state", json::string(kStates[static_cast<size_t>(webhook.state)])},
          {"event", JsonOptional(webhook.event)},
          {"receiveTime", JsonTime(webhook.receive_time)},
          {"eventTime", JsonTime(webhook.event_time)},
          {"userId", JsonOptional(webhook.user_id)},
          {"attemptCount", webhook.attempt_count},
          {"reason", JsonOptional(webhook.reason)},
          {"duplicateCount", webhook.duplicate_count},
          {"replayCount", webhook.replay_count}};
}

}  // namespace

HandlerResult WebhookInboxHandlers::List(const RequestContext& context) {
  absl::StatusOr<WebhookQuery> query = ReadQuery(context.request);
  if (!query.ok()) co_return query.status();
  auto listing = inbox_.List(context.backend_call(), context.person(), *std::move(query));
  const absl::StatusOr<WebhookPage> page = co_await std::move(listing);
  if (!page.ok()) co_return page.status();
  json::array webhooks;
  for (const WebhookRecord& webhook : page->webhooks) webhooks.push_back(ToJson(webhook));
  const json::object body{{"webhooks", std::move(webhooks)},
                          {"nextPageToken", page->next_page_token}};
  co_return JsonAnswer(200, body);
}

HandlerResult WebhookInboxHandlers::Replay(const RequestContext& context) {
  absl::StatusOr<WebhookReplay> replay = ReadReplay(context.request);
  if (!replay.ok()) co_return replay.status();
  auto replaying = inbox_.Replay(context.backend_call(), context.person(), *std::move(replay));
  const absl::StatusOr<ReplayedWebhooks> replayed = co_await std::move(replaying);
  if (!replayed.ok()) co_return replayed.status();
  const json::object body{{"replayedCount", replayed->count},
                          {"lastReceiveTime", JsonTime(replayed->last_receive_time)}};
  co_return JsonAnswer(200, body);
}

}  // namespace shodan::gateway
