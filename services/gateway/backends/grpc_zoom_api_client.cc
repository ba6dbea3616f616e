// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_zoom_api_client.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include <boost/asio/this_coro.hpp>

#include "shodan/zoomapi/v1/zoom_api_service.grpc.pb.h"

#include "libs/base/status.h"
#include "libs/rpc/duplex_call.h"
#include "services/gateway/backends/unary_call.h"
#include "services/gateway/backends/zoom_meeting_conversion.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::zoomapi::v1;
using Async = v1::ZoomApiService::StubInterface::async_interface;
using Call = rpc::DuplexCall<v1::SendRequestRequest, v1::SendRequestResponse>;
using Reactor = grpc::ClientBidiReactor<v1::SendRequestRequest, v1::SendRequestResponse>;

constexpr std::string_view kAudience = "zoom-api";

// How many calls gRPC still knows of.
class CallCount {
 public:
  void Add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void Remove() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void Wait(Deadline deadline) {
    std::unique_lock lock(mutex_);
    none_.wait_until(lock, deadline.when(), [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
};

absl::Status AnswerInvalid() {
  return Unavailable("ANSWER_INVALID", "The answer from Zoom could not be passed on.");
}

ZoomAnswerHead FromProto(const v1::ResponseHead& proto) {
  ZoomAnswerHead head;
  head.status = proto.status();
  head.content_type = proto.content_type();
  head.content_length = proto.content_length();
  for (const v1::HeaderField& field : proto.headers()) {
    head.headers.emplace_back(field.name(), field.value());
  }
  return head;
}

class GrpcZoomExchange final : public ZoomExchange {
 public:
  template <typename Start>
  GrpcZoomExchange(boost::asio::any_io_executor executor,
                   std::shared_ptr<grpc::ClientContext> context, Start start)
      : call_(std::move(executor), std::move(context), std::move(start)) {}

  boost::asio::awaitable<void> WriteHead(v1::RequestHead head) {
    unsafe_ = !head.request_id().empty();
    v1::SendRequestRequest message;
    *message.mutable_head() = std::move(head);
    auto writing = call_.Write(std::move(message));
    begun_ = co_await std::move(writing);
  }

  boost::asio::awaitable<bool> Write(std::string bytes) override {
    if (over_) co_return false;
    v1::SendRequestRequest message;
    message.set_chunk(std::move(bytes));
    auto writing = call_.Write(std::move(message));
    co_return co_await std::move(writing);
  }

  boost::asio::awaitable<bool> FinishWriting() override {
    if (over_) co_return false;
    auto finishing = call_.WritesDone();
    co_return co_await std::move(finishing);
  }

  boost::asio::awaitable<absl::StatusOr<ZoomAnswerHead>> ReadHead() override {
    auto reading = call_.Read();
    const std::optional<v1::SendRequestResponse> message = co_await std::move(reading);
    if (!message.has_value()) {
      auto finishing = Finish();
      absl::Status status = co_await std::move(finishing);
      co_return status.ok() ? AnswerInvalid() : Explain(std::move(status));
    }
    if (!message->has_head()) co_return AnswerInvalid();
    co_return FromProto(message->head());
  }

  boost::asio::awaitable<absl::StatusOr<std::string>> Read() override {
    auto reading = call_.Read();
    std::optional<v1::SendRequestResponse> message = co_await std::move(reading);
    if (message.has_value()) {
      if (message->chunk().empty()) co_return AnswerInvalid();
      co_return std::move(*message->mutable_chunk());
    }
    auto finishing = Finish();
    absl::Status status = co_await std::move(finishing);
    if (!status.ok()) co_return status;
    co_return std::string();
  }

  void Cancel() override { call_.Cancel(); }

 private:
  // The end of the call: the writing side may be at work still, and finds nobody any more.
  boost::asio::awaitable<absl::Status> Finish() {
    over_ = true;
    return call_.Finish();
  }

  // An error of the way to zoom-api does not say how far the request got.
  absl::Status Explain(absl::Status status) const {
    const bool of_the_way = ReasonOf(status).rfind("UPSTREAM_", 0) == 0;
    if (!unsafe_ || !begun_ || !of_the_way || status.code() == absl::StatusCode::kCancelled) {
      return status;
    }
    return Aborted("OUTCOME_UNKNOWN",
                   "The request may have reached Zoom. Look at Zoom before you send it again.");
  }

  Call call_;
  bool over_ = false;
  bool unsafe_ = false;
  bool begun_ = false;  // false only when zoom-api cannot have seen the request
};

// The members that are there, as fields of the message.
void AddUpdateMask(const ZoomMeeting& meeting, google::protobuf::FieldMask& mask) {
  const auto add = [&](bool present, const char* path) {
    if (present) mask.add_paths(path);
  };
  add(meeting.topic.has_value(), "topic");
  add(meeting.type.has_value(), "type");
  add(meeting.start_time.has_value(), "start_time");
  add(meeting.duration_minutes.has_value(), "duration_minutes");
  add(meeting.timezone.has_value(), "timezone");
  add(meeting.agenda.has_value(), "agenda");
  add(meeting.password.has_value(), "password");
  add(meeting.settings.has_value(), "settings");
  add(meeting.recurrence.has_value(), "recurrence");
}

class Client final : public GrpcZoomApiClient {
 public:
  Client(std::shared_ptr<grpc::Channel> channel, AssertionSigner& signer)
      : stub_(v1::ZoomApiService::NewStub(channel)), signer_(signer) {}

  void WaitForExchanges(Deadline deadline) override { count_->Wait(deadline); }

  boost::asio::awaitable<std::shared_ptr<ZoomExchange>> Begin(BackendCall call, Person person,
                                                              ZoomRequest request) override {
    auto executor = co_await boost::asio::this_coro::executor;
    count_->Add();
    std::shared_ptr<grpc::ClientContext> context(new grpc::ClientContext,
                                                 [count = count_](grpc::ClientContext* ended) {
                                                   delete ended;
                                                   count->Remove();
                                                 });
    rpc::PrepareContext(*context, call.deadline(), call.request_id(),
                        signer_.For(kAudience, person));
    auto start = [stub = stub_->async()](grpc::ClientContext* c, Reactor* reactor) {
      stub->SendRequest(c, reactor);
    };
    auto exchange = std::make_shared<GrpcZoomExchange>(executor, std::move(context), start);
    auto head = RequestOf<v1::RequestHead>(person);
    head.set_request_id(std::move(request.request_id));
    head.set_method(std::move(request.method));
    head.set_path(std::move(request.path));
    head.set_query(std::move(request.query));
    head.set_content_type(std::move(request.content_type));
    head.set_content_length(request.content_length);
    head.set_accept(std::move(request.accept));
    auto writing = exchange->WriteHead(std::move(head));
    co_await std::move(writing);
    co_return exchange;
  }

  Result<ZoomMeeting> CreateMeeting(BackendCall call, Person person, std::string request_id,
                                    ZoomMeeting meeting) override {
    auto request = RequestOf<v1::CreateMeetingRequest>(person);
    request.set_request_id(std::move(request_id));
    ToProto(meeting, *request.mutable_meeting());
    auto operation =
        For(person).Send<v1::CreateMeetingResponse>(&Async::CreateMeeting, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return gateway::FromProto(response->meeting());
  }

  Result<bool> UpdateMeeting(BackendCall call, Person person, std::string request_id,
                             ZoomMeeting meeting, std::string occurrence_id) override {
    auto request = RequestOf<v1::UpdateMeetingRequest>(person);
    request.set_request_id(std::move(request_id));
    request.set_occurrence_id(std::move(occurrence_id));
    ToProto(meeting, *request.mutable_meeting());
    AddUpdateMask(meeting, *request.mutable_update_mask());
    auto operation =
        For(person).Send<v1::UpdateMeetingResponse>(&Async::UpdateMeeting, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<ZoomPage<ZoomMeeting>> GetMeeting(BackendCall call, Person person,
                                           ZoomListQuery query) override {
    auto request = RequestOf<v1::GetMeetingRequest>(person);
    request.set_type(std::move(query.type));
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation = For(person).Send<v1::GetMeetingResponse>(&Async::GetMeeting, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    ZoomPage<ZoomMeeting> page;
    for (const auto& meeting : response->meetings()) {
      page.records.push_back(gateway::FromProto(meeting));
    }
    page.next_page_token = response->next_page_token();
    page.total_size = response->total_size();
    co_return page;
  }

  Result<ZoomMeeting> GetMeetingByMeetingId(BackendCall call, Person person, std::string meeting_id,
                                            std::string occurrence_id) override {
    auto request = RequestOf<v1::GetMeetingByMeetingIdRequest>(person);
    request.set_meeting_id(std::move(meeting_id));
    request.set_occurrence_id(std::move(occurrence_id));
    auto operation = For(person).Send<v1::GetMeetingByMeetingIdResponse>(
        &Async::GetMeetingByMeetingId, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return gateway::FromProto(response->meeting());
  }

  Result<bool> DeleteMeeting(BackendCall call, Person person, std::string request_id,
                             ZoomMeetingDeletion deletion) override {
    auto request = RequestOf<v1::DeleteMeetingRequest>(person);
    request.set_request_id(std::move(request_id));
    request.set_meeting_id(std::move(deletion.meeting_id));
    request.set_occurrence_id(std::move(deletion.occurrence_id));
    request.set_notify_hosts(deletion.notify_hosts);
    request.set_notify_registrants(deletion.notify_registrants);
    auto operation =
        For(person).Send<v1::DeleteMeetingResponse>(&Async::DeleteMeeting, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<ZoomRegistrant> AddMeetingRegistrant(BackendCall call, Person person,
                                              std::string request_id, std::string meeting_id,
                                              ZoomRegistrant registrant,
                                              std::vector<std::string> occurrence_ids) override {
    auto request = RequestOf<v1::AddMeetingRegistrantRequest>(person);
    request.set_request_id(std::move(request_id));
    request.set_meeting_id(std::move(meeting_id));
    ToProto(registrant, *request.mutable_registrant());
    for (std::string& id : occurrence_ids) request.add_occurrence_ids(std::move(id));
    auto operation = For(person).Send<v1::AddMeetingRegistrantResponse>(
        &Async::AddMeetingRegistrant, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return gateway::FromProto(response->registrant());
  }

  Result<ZoomPage<ZoomRegistrant>> GetMeetingRegistrants(BackendCall call, Person person,
                                                         std::string meeting_id,
                                                         ZoomListQuery query) override {
    auto request = RequestOf<v1::GetMeetingRegistrantsRequest>(person);
    request.set_meeting_id(std::move(meeting_id));
    request.set_status(std::move(query.status));
    request.set_occurrence_id(std::move(query.occurrence_id));
    request.set_page_size(query.page_size);
    request.set_page_token(std::move(query.page_token));
    auto operation = For(person).Send<v1::GetMeetingRegistrantsResponse>(
        &Async::GetMeetingRegistrants, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    ZoomPage<ZoomRegistrant> page;
    for (const auto& registrant : response->registrants()) {
      page.records.push_back(gateway::FromProto(registrant));
    }
    page.next_page_token = response->next_page_token();
    page.total_size = response->total_size();
    co_return page;
  }

  Result<bool> DeleteMeetingRegistrant(BackendCall call, Person person, std::string request_id,
                                       std::string meeting_id, std::string registrant_id,
                                       std::string occurrence_id) override {
    auto request = RequestOf<v1::DeleteMeetingRegistrantRequest>(person);
    request.set_request_id(std::move(request_id));
    request.set_meeting_id(std::move(meeting_id));
    request.set_registrant_id(std::move(registrant_id));
    request.set_occurrence_id(std::move(occurrence_id));
    auto operation = For(person).Send<v1::DeleteMeetingRegistrantResponse>(
        &Async::DeleteMeetingRegistrant, call, request);
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

 private:
  AssertedCall<Async> For(const Person& person) {
    return {stub_->async(), signer_.For(kAudience, person)};
  }

  std::unique_ptr<v1::ZoomApiService::Stub> stub_;
  AssertionSigner& signer_;
  const std::shared_ptr<CallCount> count_ = std::make_shared<CallCount>();
};

}  // namespace

std::unique_ptr<GrpcZoomApiClient> MakeGrpcZoomApiClient(std::shared_ptr<grpc::Channel> channel,
                                                         AssertionSigner& signer) {
  return std::make_unique<Client>(std::move(channel), signer);
}

}  // namespace shodan::gateway
