// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {

grpc::ServerUnaryReactor* AccountLinkService::CreateCall(grpc::CallbackServerContext* context,
                                                         const v1::CreateCallRequest* request,
                                                         v1::CreateCallResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("CreateCall"), request, response,
      [this](const rpc::CallContext& call,
             const v1::CreateCallRequest& got) -> absl::StatusOr<v1::CreateCallResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Call record,
                                use_cases_.calls.Create(OwnerOf(got), got.request_id(),
                                                        ContentOf(got.call()), ScopeOf(call)));
        v1::CreateCallResponse answer;
        *answer.mutable_call() = ToProto(record);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::GetCall(grpc::CallbackServerContext* context,
                                                      const v1::GetCallRequest* request,
                                                      v1::GetCallResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetCall"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetCallRequest& got) -> absl::StatusOr<v1::GetCallResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Call record,
                                use_cases_.calls.Get(OwnerOf(got), got.call_id(), ScopeOf(call)));
        v1::GetCallResponse answer;
        *answer.mutable_call() = ToProto(record);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::ListCalls(grpc::CallbackServerContext* context,
                                                        const v1::ListCallsRequest* request,
                                                        v1::ListCallsResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("ListCalls"), request, response,
      [this](const rpc::CallContext& call,
             const v1::ListCallsRequest& got) -> absl::StatusOr<v1::ListCallsResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            Page<Call> page,
            use_cases_.calls.List(OwnerOf(got), {got.company_id(), got.person_id()},
                                  {got.page_size(), got.page_token()}, ScopeOf(call)));
        v1::ListCallsResponse answer;
        for (const Call& record : page.records) *answer.add_calls() = ToProto(record);
        answer.set_next_page_token(std::move(page.next));
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::UpdateCall(grpc::CallbackServerContext* context,
                                                         const v1::UpdateCallRequest* request,
                                                         v1::UpdateCallResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("UpdateCall"), request, response,
      [this](const rpc::CallContext& call,
             const v1::UpdateCallRequest& got) -> absl::StatusOr<v1::UpdateCallResponse> {
        RequestCheck check;
        const CallChange change = ChangeOf(got, check);
        SHODAN_ASSIGN_OR_RETURN(
            const Call record,
            use_cases_.calls.Update(OwnerOf(got), got.call().call_id(), change, got.call().etag(),
                                    std::move(check), ScopeOf(call)));
        v1::UpdateCallResponse answer;
        *answer.mutable_call() = ToProto(record);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::DeleteCall(grpc::CallbackServerContext* context,
                                                         const v1::DeleteCallRequest* request,
                                                         v1::DeleteCallResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("DeleteCall"), request, response,
      [this](const rpc::CallContext& call,
             const v1::DeleteCallRequest& got) -> absl::StatusOr<v1::DeleteCallResponse> {
        SHODAN_RETURN_IF_ERROR(use_cases_.calls.Delete(OwnerOf(got), got.call_id(), ScopeOf(call)));
        return v1::DeleteCallResponse();
      });
}

}  // namespace shodan::account_link
