// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

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

}  // namespace shodan::account_link
