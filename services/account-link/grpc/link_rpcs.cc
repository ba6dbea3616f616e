// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>

#include <google/protobuf/util/time_util.h>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

constexpr size_t kZoomIdBytesMax = 512;

// What google.protobuf.Timestamp may hold: the years 1 to 9999.
bool IsTime(const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

// Disconnect and AdminDisconnect differ in their cause alone.
template <typename Response, typename Request>
absl::StatusOr<Response> RunDisconnect(account_link::Disconnect& disconnect, LinkCause cause,
                                       const Request& request, const rpc::CallContext& call) {
  RequestCheck check;
  check.Owner(OwnerOf(request));
  check.Uuid("requestId", request.request_id());
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(const auto done, disconnect.Run(OwnerOf(request), cause,
                                                          request.request_id(), ScopeOf(call)));
  Response response;
  *response.mutable_link() = ToProto(done.link);
  *response.mutable_receipt() = ToProto(done.receipt);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* AccountLinkService::GetProject(grpc::CallbackServerContext* context,
                                                         const v1::GetProjectRequest* request,
                                                         v1::GetProjectResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetProject"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetProjectRequest& got) -> absl::StatusOr<v1::GetProjectResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Project project,
                                use_cases_.directory.GetProject(got.project_id(), ScopeOf(call)));
        v1::GetProjectResponse answer;
        *answer.mutable_project() = ToProto(project);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::CompleteLink(grpc::CallbackServerContext* context,
                                                           const v1::CompleteLinkRequest* request,
                                                           v1::CompleteLinkResponse* response) {
  return rpc::RunUnary(
      context, saga_, MethodName("CompleteLink"), request, response,
      [this](const rpc::CallContext& call,
             const v1::CompleteLinkRequest& got) -> absl::StatusOr<v1::CompleteLinkResponse> {
        RequestCheck check;
        check.Owner(OwnerOf(got));
        check.Uuid("attemptId", got.attempt_id());
        SHODAN_RETURN_IF_ERROR(check.Finish());
        SHODAN_ASSIGN_OR_RETURN(
            const Link link,
            use_cases_.complete_link.Run(OwnerOf(got), got.attempt_id(), ScopeOf(call)));
        v1::CompleteLinkResponse answer;
        *answer.mutable_link() = ToProto(link);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::GetLink(grpc::CallbackServerContext* context,
                                                      const v1::GetLinkRequest* request,
                                                      v1::GetLinkResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetLink"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetLinkRequest& got) -> absl::StatusOr<v1::GetLinkResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Link link,
                                use_cases_.directory.GetLink(OwnerOf(got), ScopeOf(call)));
        v1::GetLinkResponse answer;
        *answer.mutable_link() = ToProto(link);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::Disconnect(grpc::CallbackServerContext* context,
                                                         const v1::DisconnectRequest* request,
                                                         v1::DisconnectResponse* response) {
  return rpc::RunUnary(context, saga_, MethodName("Disconnect"), request, response,
                       [this](const rpc::CallContext& call, const v1::DisconnectRequest& got) {
                         return RunDisconnect<v1::DisconnectResponse>(
                             use_cases_.disconnect, LinkCause::kDisconnected, got, call);
                       });
}

grpc::ServerUnaryReactor* AccountLinkService::AdminDisconnect(
    grpc::CallbackServerContext* context, const v1::AdminDisconnectRequest* request,
    v1::AdminDisconnectResponse* response) {
  return rpc::RunUnary(context, saga_, MethodName("AdminDisconnect"), request, response,
                       [this](const rpc::CallContext& call, const v1::AdminDisconnectRequest& got) {
                         return RunDisconnect<v1::AdminDisconnectResponse>(
                             use_cases_.disconnect, LinkCause::kDisconnectedByAdmin, got, call);
                       });
}

grpc::ServerUnaryReactor* AccountLinkService::Deauthorize(grpc::CallbackServerContext* context,
                                                          const v1::DeauthorizeRequest* request,
                                                          v1::DeauthorizeResponse* response) {
  return rpc::RunUnary(
      context, saga_, MethodName("Deauthorize"), request, response,
      [this](const rpc::CallContext& call,
             const v1::DeauthorizeRequest& got) -> absl::StatusOr<v1::DeauthorizeResponse> {
        RequestCheck check;
        check.ProjectId(got.project_id());
        check.OptionalText("zoomAccountId", got.zoom_account_id(), kZoomIdBytesMax);
        check.OptionalText("zoomUserId", got.zoom_user_id(), kZoomIdBytesMax);
        if (got.zoom_user_id().empty()) check.Add("zoomUserId", "REQUIRED", "is required");
        if (!got.has_deauthorize_time() || !IsTime(got.deauthorize_time())) {
          check.Add("deauthorizeTime", "INVALID", "is required, a time since the year 1");
        }
        SHODAN_RETURN_IF_ERROR(check.Finish());
        const Time event_time(std::chrono::microseconds(
            google::protobuf::util::TimeUtil::TimestampToMicroseconds(got.deauthorize_time())));
        SHODAN_ASSIGN_OR_RETURN(const std::optional<Link> ended,
                                use_cases_.disconnect.Deauthorize(
                                    {got.project_id(), got.zoom_account_id(), got.zoom_user_id()},
                                    event_time, ScopeOf(call)));
        v1::DeauthorizeResponse answer;
        if (ended.has_value()) *answer.mutable_link() = ToProto(*ended);
        return answer;
      });
}

}  // namespace shodan::account_link
