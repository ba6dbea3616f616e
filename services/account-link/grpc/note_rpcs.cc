// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {

grpc::ServerUnaryReactor* AccountLinkService::CreateCallNote(
    grpc::CallbackServerContext* context, const v1::CreateCallNoteRequest* request,
    v1::CreateCallNoteResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("CreateCallNote"), request, response,
      [this](const rpc::CallContext& call,
             const v1::CreateCallNoteRequest& got) -> absl::StatusOr<v1::CreateCallNoteResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Note note,
                                use_cases_.notes.Create(OwnerOf(got), got.request_id(),
                                                        ContentOf(got.note()), ScopeOf(call)));
        v1::CreateCallNoteResponse answer;
        *answer.mutable_note() = ToProto(note);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::GetCallNote(grpc::CallbackServerContext* context,
                                                          const v1::GetCallNoteRequest* request,
                                                          v1::GetCallNoteResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetCallNote"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetCallNoteRequest& got) -> absl::StatusOr<v1::GetCallNoteResponse> {
        SHODAN_ASSIGN_OR_RETURN(const Note note,
                                use_cases_.notes.Get(OwnerOf(got), got.note_id(), ScopeOf(call)));
        v1::GetCallNoteResponse answer;
        *answer.mutable_note() = ToProto(note);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::ListCallNotes(grpc::CallbackServerContext* context,
                                                            const v1::ListCallNotesRequest* request,
                                                            v1::ListCallNotesResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("ListCallNotes"), request, response,
      [this](const rpc::CallContext& call,
             const v1::ListCallNotesRequest& got) -> absl::StatusOr<v1::ListCallNotesResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            Page<Note> page,
            use_cases_.notes.List(OwnerOf(got), {got.company_id(), got.person_id(), got.call_id()},
                                  {got.page_size(), got.page_token()}, ScopeOf(call)));
        v1::ListCallNotesResponse answer;
        for (const Note& note : page.records) *answer.add_notes() = ToProto(note);
        answer.set_next_page_token(std::move(page.next));
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::UpdateCallNote(
    grpc::CallbackServerContext* context, const v1::UpdateCallNoteRequest* request,
    v1::UpdateCallNoteResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("UpdateCallNote"), request, response,
      [this](const rpc::CallContext& call,
             const v1::UpdateCallNoteRequest& got) -> absl::StatusOr<v1::UpdateCallNoteResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            const Note note,
            use_cases_.notes.Update(OwnerOf(got), got.note().note_id(), got.note().text(),
                                    got.note().etag(), ScopeOf(call)));
        v1::UpdateCallNoteResponse answer;
        *answer.mutable_note() = ToProto(note);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::DeleteCallNote(
    grpc::CallbackServerContext* context, const v1::DeleteCallNoteRequest* request,
    v1::DeleteCallNoteResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("DeleteCallNote"), request, response,
      [this](const rpc::CallContext& call,
             const v1::DeleteCallNoteRequest& got) -> absl::StatusOr<v1::DeleteCallNoteResponse> {
        SHODAN_RETURN_IF_ERROR(use_cases_.notes.Delete(OwnerOf(got), got.note_id(), ScopeOf(call)));
        return v1::DeleteCallNoteResponse();
      });
}

}  // namespace shodan::account_link
