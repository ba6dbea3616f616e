// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/automation_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/automation/grpc/conversion.h"
#include "services/automation/grpc/request_check.h"

namespace shodan::automation {
namespace {

using rpc::CallContext;

constexpr size_t kClientIdBytesMax = 255;
constexpr size_t kTimestampBytesMax = 32;
constexpr size_t kSignatureBytesMax = 128;
constexpr size_t kBodyBytesMax = 524'288;
constexpr int kReplayIdsMax = 500;
constexpr int kReplayMax = 10'000;

std::string MethodName(std::string_view method) {
  return Join("/shodan.automation.v1.AutomationService/", method);
}

absl::Status Check(const v1::IngestWebhookRequest& in) {
  RequestCheck check;
  if (!in.project_id().empty()) check.ProjectId(in.project_id());
  check.Text("clientId", in.client_id(), kClientIdBytesMax);
  check.Text("timestamp", in.timestamp(), kTimestampBytesMax);
  check.Text("signature", in.signature(), kSignatureBytesMax);
  check.That(in.body().size() <= kBodyBytesMax, "body", "must be at most 524,288 bytes");
  return check.Finish();
}

absl::StatusOr<WebhookQuery> QueryOf(const v1::ListWebhooksRequest& in) {
  RequestCheck check;
  WebhookQuery query;
  check.ProjectId(in.project_id());
  check.UserId(in.user_id(), /*required=*/false);
  check.That(v1::WebhookState_IsValid(in.state()), "state", "must be a known state");
  query.project_id = in.project_id();
  query.state = FromProto(in.state());
  query.start = check.When("startTime", in.has_start_time(), in.start_time());
  query.end = check.When("endTime", in.has_end_time(), in.end_time());
  query.limit = check.PageSize(in.page_size());
  query.after_receive_id = check.PageToken(in.page_token());
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return query;
}

absl::StatusOr<ReplayRequest> ReplayOf(const v1::ReplayWebhooksRequest& in) {
  RequestCheck check;
  ReplayRequest replay;
  check.ProjectId(in.project_id());
  check.UserId(in.user_id(), /*required=*/false);
  check.That(in.webhook_ids_size() <= kReplayIdsMax, "webhookIds", "must be at most 500");
  check.That(std::all_of(in.webhook_ids().begin(), in.webhook_ids().end(), IsUuid), "webhookIds",
             "must be UUIDs");
  check.That(in.state() == v1::WEBHOOK_STATE_UNSPECIFIED ||
                 in.state() == v1::WEBHOOK_STATE_PARKED || in.state() == v1::WEBHOOK_STATE_RELEASED,
             "state", "must be PARKED or RELEASED, or absent for both");
  replay.project_id = in.project_id();
  replay.webhook_ids = {in.webhook_ids().begin(), in.webhook_ids().end()};
  replay.start = check.When("startTime", in.has_start_time(), in.start_time());
  replay.end = check.When("endTime", in.has_end_time(), in.end_time());
  const bool by_ids = in.webhook_ids_size() > 0;
  check.That(by_ids != (in.has_start_time() && in.has_end_time()) &&
                 in.has_start_time() == in.has_end_time(),
             "webhookIds", "must be given, or startTime and endTime instead");
  replay.parked = in.state() != v1::WEBHOOK_STATE_RELEASED;
  replay.released = in.state() != v1::WEBHOOK_STATE_PARKED;
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return replay;
}

}  // namespace

grpc::ServerUnaryReactor* AutomationServiceImpl::IngestWebhook(
    grpc::CallbackServerContext* context, const v1::IngestWebhookRequest* request,
    v1::IngestWebhookResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("IngestWebhook"), request, response,
      [this](const CallContext& call,
             const v1::IngestWebhookRequest& in) -> absl::StatusOr<v1::IngestWebhookResponse> {
        SHODAN_RETURN_IF_ERROR(Check(in));
        SHODAN_ASSIGN_OR_RETURN(const IngestionResult taken,
                                parts_.ingestion.Take({in.project_id(), in.client_id(),
                                                       in.timestamp(), in.signature(), in.body()},
                                                      call.request_id, call.deadline));
        v1::IngestWebhookResponse out;
        out.set_duplicate(taken.duplicate);
        if (taken.challenge.has_value()) {
          out.set_challenge_answer(ToJson(*taken.challenge));
        } else if (!taken.duplicate) {
          parts_.on_work();
        }
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ListTriggerEvents(
    grpc::CallbackServerContext* context, const v1::ListTriggerEventsRequest* request,
    v1::ListTriggerEventsResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("ListTriggerEvents"), request, response,
      [this](const CallContext& call, const v1::ListTriggerEventsRequest& in)
          -> absl::StatusOr<v1::ListTriggerEventsResponse> {
        RequestCheck check;
        check.ProjectId(in.project_id());
        check.UserId(in.user_id(), /*required=*/true);
        const int limit = check.PageSize(in.page_size());
        const int64_t after = check.PageToken(in.page_token());
        SHODAN_RETURN_IF_ERROR(check.Finish());
        SHODAN_ASSIGN_OR_RETURN(
            const TriggerEventPage page,
            parts_.trigger_events.List(in.project_id(), in.user_id(), after, limit, call.deadline));
        v1::ListTriggerEventsResponse out;
        for (const TriggerEvent& event : page.events) *out.add_trigger_events() = ToProto(event);
        if (page.position > 0) out.set_next_page_token(std::to_string(page.position));
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ListWebhooks(
    grpc::CallbackServerContext* context, const v1::ListWebhooksRequest* request,
    v1::ListWebhooksResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("ListWebhooks"), request, response,
      [this](const CallContext& call,
             const v1::ListWebhooksRequest& in) -> absl::StatusOr<v1::ListWebhooksResponse> {
        SHODAN_ASSIGN_OR_RETURN(WebhookQuery query, QueryOf(in));
        const auto size = static_cast<size_t>(query.limit);
        ++query.limit;  // one more tells whether there is another page
        SHODAN_ASSIGN_OR_RETURN(std::vector<WebhookRecord> records,
                                parts_.store.List(query, call.deadline));
        v1::ListWebhooksResponse out;
        if (records.size() > size) {
          records.resize(size);
          out.set_next_page_token(std::to_string(records.back().receive_id));
        }
        for (const WebhookRecord& record : records) *out.add_webhooks() = ToProto(record);
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ReplayWebhooks(
    grpc::CallbackServerContext* context, const v1::ReplayWebhooksRequest* request,
    v1::ReplayWebhooksResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("ReplayWebhooks"), request, response,
      [this](const CallContext& call,
             const v1::ReplayWebhooksRequest& in) -> absl::StatusOr<v1::ReplayWebhooksResponse> {
        SHODAN_ASSIGN_OR_RETURN(const ReplayRequest replay, ReplayOf(in));
        SHODAN_ASSIGN_OR_RETURN(
            const ReplayResult replayed,
            parts_.store.Replay(replay, kReplayMax, ActorFrom(call), call.deadline));
        v1::ReplayWebhooksResponse out;
        out.set_replayed_count(replayed.count);
        if (replayed.last_received_at.has_value()) {
          *out.mutable_last_receive_time() = ToProto(*replayed.last_received_at);
        }
        if (replayed.count > 0) parts_.on_work();
        return out;
      });
}

}  // namespace shodan::automation
