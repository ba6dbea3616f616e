// SPDX-License-Identifier: Apache-2.0
// Endpoints of the project's owner, and what is sent to them.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/random.h"
#include "services/automation/domain/deliveries/event_type.h"
#include "services/automation/grpc/automation_service.h"
#include "services/automation/grpc/conversion.h"
#include "services/automation/grpc/endpoint_conversion.h"
#include "services/automation/grpc/request_check.h"

namespace shodan::automation {
namespace {

using rpc::CallContext;

constexpr int64_t kOverlapSecondsMax = 30 * 86'400;
constexpr int kReplayIdsMax = 100;
constexpr int kReplayMax = 10'000;

std::string MethodName(std::string_view method) {
  return Join("/shodan.automation.v1.AutomationService/", method);
}

// What every request begins with.
template <typename Request>
void CheckAdmin(const Request& in, RequestCheck& check) {
  check.ProjectId(in.project_id());
  check.UserId(in.user_id(), /*required=*/true);
}

template <typename Request>
absl::Status CheckName(const Request& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  check.Uuid("webhookEndpointId", in.webhook_endpoint_id());
  return check.Finish();
}

void CheckUrl(const std::string& url, RequestCheck& check) {
  const std::string problem = EndpointUrlProblem(url);
  check.That(problem.empty(), "url", problem);
}

void CheckTypes(const std::vector<std::string>& types, RequestCheck& check) {
  std::vector<std::string> sorted = types;
  std::sort(sorted.begin(), sorted.end());
  const bool unique = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  check.That(unique && types.size() <= static_cast<size_t>(kEventTypes) &&
                 std::all_of(types.begin(), types.end(), &IsEventType),
             "eventTypes", "must be documented event types, each at most once");
}

absl::Status Check(const v1::CreateWebhookEndpointRequest& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  CheckUrl(in.url(), check);
  check.That(in.event_types_size() > 0, "eventTypes", "must hold at least one event type");
  CheckTypes({in.event_types().begin(), in.event_types().end()}, check);
  return check.Finish();
}

absl::StatusOr<EndpointChange> ChangeOf(const v1::UpdateWebhookEndpointRequest& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  check.Uuid("webhookEndpointId", in.webhook_endpoint_id());
  EndpointChange change;
  change.project_id = in.project_id();
  change.endpoint_id = in.webhook_endpoint_id();
  if (!in.url().empty()) {
    CheckUrl(in.url(), check);
    change.url = in.url();
  }
  if (in.event_types_size() > 0) {
    change.event_types = {in.event_types().begin(), in.event_types().end()};
    CheckTypes(*change.event_types, check);
  }
  check.That(v1::WebhookEndpointState_IsValid(in.state()), "state", "must be a known state");
  change.state = FromProto(in.state());
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return change;
}

absl::StatusOr<std::chrono::seconds> OverlapOf(const v1::RotateWebhookEndpointSecretRequest& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  check.Uuid("webhookEndpointId", in.webhook_endpoint_id());
  const int64_t seconds = in.overlap().seconds();
  check.That(in.has_overlap() && in.overlap().nanos() == 0 && seconds >= 0 &&
                 seconds <= kOverlapSecondsMax,
             "overlapSeconds", "must be 0 to 2592000");
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return std::chrono::seconds(seconds);
}

absl::StatusOr<DeliveryQuery> QueryOf(const v1::ListWebhookDeliveriesRequest& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  check.Uuid("webhookEndpointId", in.webhook_endpoint_id());
  check.That(v1::WebhookDeliveryState_IsValid(in.state()), "state", "must be a known state");
  DeliveryQuery query;
  query.project_id = in.project_id();
  query.endpoint_id = in.webhook_endpoint_id();
  query.state = FromProto(in.state());
  query.limit = check.PageSize(in.page_size());
  query.before_number = check.PageToken(in.page_token());
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return query;
}

absl::StatusOr<DeliveryReplay> ReplayOf(const v1::ReplayWebhookDeliveriesRequest& in) {
  RequestCheck check;
  CheckAdmin(in, check);
  check.Uuid("webhookEndpointId", in.webhook_endpoint_id());
  check.That(
      in.webhook_delivery_ids_size() <= kReplayIdsMax &&
          std::all_of(in.webhook_delivery_ids().begin(), in.webhook_delivery_ids().end(), &IsUuid),
      "webhookDeliveryIds", "must be UUIDs, at most 100");
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return DeliveryReplay{in.project_id(),
                        in.webhook_endpoint_id(),
                        {in.webhook_delivery_ids().begin(), in.webhook_delivery_ids().end()}};
}

template <typename Response>
absl::StatusOr<Response> Issued(const IssuedEndpoint& issued) {
  Response out;
  *out.mutable_webhook_endpoint() = ToProto(issued.endpoint);
  out.set_secret(std::string(issued.secret.Expose(SecretAccess::ForAnswer())));
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* AutomationServiceImpl::CreateWebhookEndpoint(
    grpc::CallbackServerContext* context, const v1::CreateWebhookEndpointRequest* request,
    v1::CreateWebhookEndpointResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("CreateWebhookEndpoint"), request, response,
      [this](const CallContext& call, const v1::CreateWebhookEndpointRequest& in)
          -> absl::StatusOr<v1::CreateWebhookEndpointResponse> {
        SHODAN_RETURN_IF_ERROR(Check(in));
        SHODAN_ASSIGN_OR_RETURN(
            const IssuedEndpoint issued,
            parts_.endpoints.Create(in.project_id(), in.url(),
                                    {in.event_types().begin(), in.event_types().end()},
                                    ActorFrom(call), call.deadline));
        parts_.on_endpoint();
        return Issued<v1::CreateWebhookEndpointResponse>(issued);
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::GetWebhookEndpoint(
    grpc::CallbackServerContext* context, const v1::GetWebhookEndpointRequest* request,
    v1::GetWebhookEndpointResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("GetWebhookEndpoint"), request, response,
      [this](const CallContext& call, const v1::GetWebhookEndpointRequest& in)
          -> absl::StatusOr<v1::GetWebhookEndpointResponse> {
        SHODAN_RETURN_IF_ERROR(CheckName(in));
        SHODAN_ASSIGN_OR_RETURN(
            const Endpoint endpoint,
            parts_.endpoint_store.Find(in.project_id(), in.webhook_endpoint_id(), call.deadline));
        v1::GetWebhookEndpointResponse out;
        *out.mutable_webhook_endpoint() = ToProto(endpoint);
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ListWebhookEndpoints(
    grpc::CallbackServerContext* context, const v1::ListWebhookEndpointsRequest* request,
    v1::ListWebhookEndpointsResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("ListWebhookEndpoints"), request, response,
      [this](const CallContext& call, const v1::ListWebhookEndpointsRequest& in)
          -> absl::StatusOr<v1::ListWebhookEndpointsResponse> {
        RequestCheck check;
        CheckAdmin(in, check);
        const int limit = check.PageSize(in.page_size());
        const int64_t after = check.PageToken(in.page_token());
        SHODAN_RETURN_IF_ERROR(check.Finish());
        SHODAN_ASSIGN_OR_RETURN(
            std::vector<Endpoint> endpoints,
            parts_.endpoint_store.List(in.project_id(), after, limit + 1, call.deadline));
        v1::ListWebhookEndpointsResponse out;
        if (endpoints.size() > static_cast<size_t>(limit)) {
          endpoints.resize(static_cast<size_t>(limit));
          out.set_next_page_token(std::to_string(endpoints.back().number));
        }
        for (const Endpoint& endpoint : endpoints) *out.add_webhook_endpoints() = ToProto(endpoint);
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::UpdateWebhookEndpoint(
    grpc::CallbackServerContext* context, const v1::UpdateWebhookEndpointRequest* request,
    v1::UpdateWebhookEndpointResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("UpdateWebhookEndpoint"), request, response,
      [this](const CallContext& call, const v1::UpdateWebhookEndpointRequest& in)
          -> absl::StatusOr<v1::UpdateWebhookEndpointResponse> {
        SHODAN_ASSIGN_OR_RETURN(EndpointChange change, ChangeOf(in));
        SHODAN_ASSIGN_OR_RETURN(
            const Endpoint endpoint,
            parts_.endpoints.Update(std::move(change), ActorFrom(call), call.deadline));
        parts_.on_delivery();
        v1::UpdateWebhookEndpointResponse out;
        *out.mutable_webhook_endpoint() = ToProto(endpoint);
        return out;
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::DeleteWebhookEndpoint(
    grpc::CallbackServerContext* context, const v1::DeleteWebhookEndpointRequest* request,
    v1::DeleteWebhookEndpointResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("DeleteWebhookEndpoint"), request, response,
      [this](const CallContext& call, const v1::DeleteWebhookEndpointRequest& in)
          -> absl::StatusOr<v1::DeleteWebhookEndpointResponse> {
        SHODAN_RETURN_IF_ERROR(CheckName(in));
        SHODAN_RETURN_IF_ERROR(parts_.endpoint_store.Delete(
            in.project_id(), in.webhook_endpoint_id(), ActorFrom(call), call.deadline));
        return v1::DeleteWebhookEndpointResponse();
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::RotateWebhookEndpointSecret(
    grpc::CallbackServerContext* context, const v1::RotateWebhookEndpointSecretRequest* request,
    v1::RotateWebhookEndpointSecretResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("RotateWebhookEndpointSecret"), request, response,
      [this](const CallContext& call, const v1::RotateWebhookEndpointSecretRequest& in)
          -> absl::StatusOr<v1::RotateWebhookEndpointSecretResponse> {
        SHODAN_ASSIGN_OR_RETURN(const std::chrono::seconds overlap, OverlapOf(in));
        SHODAN_ASSIGN_OR_RETURN(const IssuedEndpoint issued,
                                parts_.endpoints.Rotate(in.project_id(), in.webhook_endpoint_id(),
                                                        overlap, ActorFrom(call), call.deadline));
        return Issued<v1::RotateWebhookEndpointSecretResponse>(issued);
      });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ListWebhookDeliveries(
    grpc::CallbackServerContext* context, const v1::ListWebhookDeliveriesRequest* request,
    v1::ListWebhookDeliveriesResponse* response) {
  return rpc::RunUnary(context, runtime_, MethodName("ListWebhookDeliveries"), request, response,
                       [this](const CallContext& call, const v1::ListWebhookDeliveriesRequest& in)
                           -> absl::StatusOr<v1::ListWebhookDeliveriesResponse> {
                         SHODAN_ASSIGN_OR_RETURN(DeliveryQuery query, QueryOf(in));
                         const auto size = static_cast<size_t>(query.limit);
                         ++query.limit;  // one more tells whether there is another page
                         SHODAN_ASSIGN_OR_RETURN(std::vector<DeliveryRecord> records,
                                                 parts_.deliveries.List(query, call.deadline));
                         v1::ListWebhookDeliveriesResponse out;
                         if (records.size() > size) {
                           records.resize(size);
                           out.set_next_page_token(std::to_string(records.back().number));
                         }
                         for (const DeliveryRecord& record : records) {
                           *out.add_webhook_deliveries() = ToProto(record);
                         }
                         return out;
                       });
}

grpc::ServerUnaryReactor* AutomationServiceImpl::ReplayWebhookDeliveries(
    grpc::CallbackServerContext* context, const v1::ReplayWebhookDeliveriesRequest* request,
    v1::ReplayWebhookDeliveriesResponse* response) {
  return rpc::RunUnary(
      context, runtime_, MethodName("ReplayWebhookDeliveries"), request, response,
      [this](const CallContext& call, const v1::ReplayWebhookDeliveriesRequest& in)
          -> absl::StatusOr<v1::ReplayWebhookDeliveriesResponse> {
        SHODAN_ASSIGN_OR_RETURN(const DeliveryReplay replay, ReplayOf(in));
        SHODAN_ASSIGN_OR_RETURN(
            const int replayed,
            parts_.deliveries.Replay(replay, kReplayMax, ActorFrom(call), call.deadline));
        if (replayed > 0) parts_.on_delivery();
        v1::ReplayWebhookDeliveriesResponse out;
        out.set_replayed_count(replayed);
        return out;
      });
}

}  // namespace shodan::automation
