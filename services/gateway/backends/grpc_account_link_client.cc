// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_account_link_client.h"

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "services/gateway/backends/account_link_conversion.h"
#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::accountlink::v1;
using Async = v1::AccountLinkService::StubInterface::async_interface;

constexpr std::string_view kAudience = "account-link";

template <typename Response>
Disconnection DisconnectionOf(const Response& response) {
  Disconnection result;
  result.link = FromProto(response.link());
  if (response.has_receipt()) result.receipt = FromProto(response.receipt());
  return result;
}

class GrpcAccountLinkClient final : public AccountLinkClient {
 public:
  GrpcAccountLinkClient(std::shared_ptr<grpc::Channel> channel, AssertionSigner& signer)
      : stub_(v1::AccountLinkService::NewStub(channel)), signer_(signer) {}

  Result<Project> GetProject(BackendCall call, std::string project_id) override {
    v1::GetProjectRequest request;
    request.set_project_id(std::move(project_id));
    auto operation = CallUnary<Async, v1::GetProjectRequest, v1::GetProjectResponse>(
        stub_->async(), &Async::GetProject, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->project());
  }

  Result<Link> GetLink(BackendCall call, Person person) override {
    auto request = RequestOf<v1::GetLinkRequest>(person);
    auto operation = For(person).Send<v1::GetLinkResponse>(&Async::GetLink, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->link());
  }

  Result<Link> CompleteLink(BackendCall call, Person person, std::string attempt_id) override {
    auto request = RequestOf<v1::CompleteLinkRequest>(person);
    request.set_attempt_id(std::move(attempt_id));
    auto operation =
        For(person).Send<v1::CompleteLinkResponse>(&Async::CompleteLink, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->link());
  }

  Result<Disconnection> Disconnect(BackendCall call, Person person,
                                   std::string request_id) override {
    auto request = RequestOf<v1::DisconnectRequest>(person);
    request.set_request_id(std::move(request_id));
    auto operation = For(person).Send<v1::DisconnectResponse>(&Async::Disconnect, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return DisconnectionOf(*response);
  }

  Result<Disconnection> AdminDisconnect(BackendCall call, Person admin, std::string user_id,
                                        std::string request_id) override {
    auto request = RequestOf<v1::AdminDisconnectRequest>(admin);
    request.set_user_id(std::move(user_id));
    request.set_request_id(std::move(request_id));
    auto operation =
        For(admin).Send<v1::AdminDisconnectResponse>(&Async::AdminDisconnect, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return DisconnectionOf(*response);
  }

  Result<Call> CreateCall(BackendCall call, Person person, std::string request_id,
                          Call record) override {
    auto request = RequestOf<v1::CreateCallRequest>(person);
    request.set_request_id(std::move(request_id));
    ToProto(record, *request.mutable_call());
    auto operation = For(person).Send<v1::CreateCallResponse>(&Async::CreateCall, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->call());
  }

  Result<Call> GetCall(BackendCall call, Person person, std::string call_id) override {
    auto request = RequestOf<v1::GetCallRequest>(person);
    request.set_call_id(std::move(call_id));
    auto operation = For(person).Send<v1::GetCallResponse>(&Async::GetCall, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->call());
  }

  Result<Page<Call>> ListCalls(BackendCall call, Person person, RecordQuery query) override {
    auto request = RequestOf<v1::ListCallsRequest>(person);
    request.set_company_id(std::move(query.company_id));
    request.set_person_id(std::move(query.person_id));
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation = For(person).Send<v1::ListCallsResponse>(&Async::ListCalls, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    Page<Call> page;
    for (const v1::Call& record : response->calls()) page.records.push_back(FromProto(record));
    page.next_page_token = response->next_page_token();
    co_return page;
  }

  Result<Call> UpdateCall(BackendCall call, Person person, CallUpdate update) override {
    auto request = RequestOf<v1::UpdateCallRequest>(person);
    request.mutable_call()->set_call_id(std::move(update.call_id));
    request.mutable_call()->set_etag(std::move(update.etag));
    if (update.outcome.has_value()) {
      request.mutable_call()->set_outcome(OutcomeOf(*update.outcome));
      request.mutable_update_mask()->add_paths("outcome");
    }
    if (update.duration.has_value()) {
      request.mutable_call()->mutable_duration()->set_seconds(update.duration->count());
      request.mutable_update_mask()->add_paths("duration");
    }
    auto operation = For(person).Send<v1::UpdateCallResponse>(&Async::UpdateCall, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->call());
  }

  Result<bool> DeleteCall(BackendCall call, Person person, std::string call_id) override {
    auto request = RequestOf<v1::DeleteCallRequest>(person);
    request.set_call_id(std::move(call_id));
    auto operation = For(person).Send<v1::DeleteCallResponse>(&Async::DeleteCall, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<Note> CreateNote(BackendCall call, Person person, std::string request_id,
                          Note note) override {
    auto request = RequestOf<v1::CreateCallNoteRequest>(person);
    request.set_request_id(std::move(request_id));
    ToProto(note, *request.mutable_note());
    auto operation =
        For(person).Send<v1::CreateCallNoteResponse>(&Async::CreateCallNote, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->note());
  }

  Result<Note> GetNote(BackendCall call, Person person, std::string note_id) override {
    auto request = RequestOf<v1::GetCallNoteRequest>(person);
    request.set_note_id(std::move(note_id));
    auto operation = For(person).Send<v1::GetCallNoteResponse>(&Async::GetCallNote, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->note());
  }

  Result<Page<Note>> ListNotes(BackendCall call, Person person, RecordQuery query) override {
    auto request = RequestOf<v1::ListCallNotesRequest>(person);
    request.set_company_id(std::move(query.company_id));
    request.set_person_id(std::move(query.person_id));
    request.set_call_id(std::move(query.call_id));
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation =
        For(person).Send<v1::ListCallNotesResponse>(&Async::ListCallNotes, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    Page<Note> page;
    for (const v1::CallNote& note : response->notes()) page.records.push_back(FromProto(note));
    page.next_page_token = response->next_page_token();
    co_return page;
  }

  Result<Note> UpdateNote(BackendCall call, Person person, Note note) override {
    auto request = RequestOf<v1::UpdateCallNoteRequest>(person);
    ToProto(note, *request.mutable_note());
    auto operation =
        For(person).Send<v1::UpdateCallNoteResponse>(&Async::UpdateCallNote, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->note());
  }

  Result<bool> DeleteNote(BackendCall call, Person person, std::string note_id) override {
    auto request = RequestOf<v1::DeleteCallNoteRequest>(person);
    request.set_note_id(std::move(note_id));
    auto operation =
        For(person).Send<v1::DeleteCallNoteResponse>(&Async::DeleteCallNote, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<std::string> GetUserMetadata(BackendCall call, Person person) override {
    auto request = RequestOf<v1::GetUserMetadataRequest>(person);
    auto operation =
        For(person).Send<v1::GetUserMetadataResponse>(&Async::GetUserMetadata, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return response->metadata();
  }

  Result<std::string> UpdateUserMetadata(BackendCall call, Person person,
                                         std::string patch) override {
    auto request = RequestOf<v1::UpdateUserMetadataRequest>(person);
    request.set_metadata(std::move(patch));
    auto operation =
        For(person).Send<v1::UpdateUserMetadataResponse>(&Async::UpdateUserMetadata, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return response->metadata();
  }

 private:
  AssertedCall<Async> For(const Person& person) {
    return {stub_->async(), signer_.For(kAudience, person)};
  }

  std::unique_ptr<v1::AccountLinkService::Stub> stub_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<AccountLinkClient> MakeGrpcAccountLinkClient(std::shared_ptr<grpc::Channel> channel,
                                                             AssertionSigner& signer) {
  return std::make_unique<GrpcAccountLinkClient>(std::move(channel), signer);
}

}  // namespace shodan::gateway
