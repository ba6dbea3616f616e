// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {

grpc::ServerUnaryReactor* AccountLinkService::GetUserMetadata(
    grpc::CallbackServerContext* context, const v1::GetUserMetadataRequest* request,
    v1::GetUserMetadataResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetUserMetadata"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetUserMetadataRequest& got) -> absl::StatusOr<v1::GetUserMetadataResponse> {
        SHODAN_ASSIGN_OR_RETURN(std::string metadata,
                                use_cases_.user_metadata.Get(OwnerOf(got), ScopeOf(call)));
        v1::GetUserMetadataResponse answer;
        answer.set_metadata(std::move(metadata));
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::UpdateUserMetadata(
    grpc::CallbackServerContext* context, const v1::UpdateUserMetadataRequest* request,
    v1::UpdateUserMetadataResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("UpdateUserMetadata"), request, response,
      [this](const rpc::CallContext& call, const v1::UpdateUserMetadataRequest& got)
          -> absl::StatusOr<v1::UpdateUserMetadataResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            std::string metadata,
            use_cases_.user_metadata.Update(OwnerOf(got), got.metadata(), ScopeOf(call)));
        v1::UpdateUserMetadataResponse answer;
        answer.set_metadata(std::move(metadata));
        return answer;
      });
}

}  // namespace shodan::account_link
