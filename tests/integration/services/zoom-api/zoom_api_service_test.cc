// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/zoom_api_service.h"

#include <atomic>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "services/zoom-api/domain/errors.h"
#include "tests/integration/services/zoom-api/service_world.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;
using testing::IsError;
using testing::IsOk;

constexpr char kRequestId[] = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";

awaitable<absl::Status> Refuse() { co_return NotConnected(); }

awaitable<absl::Status> AnswerJson(AnswerSink& sink, int status, std::string body) {
  AnswerHead head;
  head.status = status;
  head.content_type = "application/json";
  const absl::Status told = co_await sink.Head(std::move(head));
  if (!told.ok() || body.empty()) co_return told;
  co_return co_await sink.Chunk(std::move(body));
}

template <typename Request>
Request For(const std::string& user) {
  Request request;
  request.set_project_id("demo");
  request.set_user_id(user);
  return request;
}

/// The eight actions, each with the least that it needs.
struct Actions {
  explicit Actions(const std::string& user)
      : create(For<v1::CreateMeetingRequest>(user)),
        update(For<v1::UpdateMeetingRequest>(user)),
        list(For<v1::GetMeetingRequest>(user)),
        get(For<v1::GetMeetingByMeetingIdRequest>(user)),
        remove(For<v1::DeleteMeetingRequest>(user)),
        add(For<v1::AddMeetingRegistrantRequest>(user)),
        registrants(For<v1::GetMeetingRegistrantsRequest>(user)),
        remove_registrant(For<v1::DeleteMeetingRegistrantRequest>(user)) {
    create.set_request_id(kRequestId);
    create.mutable_meeting()->set_topic("Tea");
    update.set_request_id(kRequestId);
    update.mutable_meeting()->set_meeting_id("81234567890");
    update.mutable_meeting()->set_topic("Tea");
    update.mutable_update_mask()->add_paths("topic");
    get.set_meeting_id("81234567890");
    remove.set_request_id(kRequestId);
    remove.set_meeting_id("81234567890");
    add.set_request_id(kRequestId);
    add.set_meeting_id("81234567890");
    add.mutable_registrant()->set_email("guest@example.com");
    add.mutable_registrant()->set_first_name("Guest");
    registrants.set_meeting_id("81234567890");
    remove_registrant.set_request_id(kRequestId);
    remove_registrant.set_meeting_id("81234567890");
    remove_registrant.set_registrant_id("r1");
  }

  v1::CreateMeetingRequest create;
  v1::UpdateMeetingRequest update;
  v1::GetMeetingRequest list;
  v1::GetMeetingByMeetingIdRequest get;
  v1::DeleteMeetingRequest remove;
  v1::AddMeetingRegistrantRequest add;
  v1::GetMeetingRegistrantsRequest registrants;
  v1::DeleteMeetingRegistrantRequest remove_registrant;
};

struct MeetingWorld : ServiceWorld {
  MeetingWorld() : stub(v1::ZoomApiService::NewStub(ServiceChannel("acting"))) {
    sender.script = [](const ApiRequest&, BodySource&, AnswerSink&, Deadline) { return Refuse(); };
  }

  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (v1::ZoomApiService::Stub::*method)(grpc::ClientContext*,
                                                                     const Request&, Response*),
                    const Request& request) {
    Response response;
    const auto context = Context(std::chrono::seconds(30));
    return rpc::FromGrpcStatus((stub.get()->*method)(context.get(), request, &response));
  }
  std::vector<absl::Status> CallAll(const Actions& actions) {
    using Stub = v1::ZoomApiService::Stub;
    return {Call(&Stub::CreateMeeting, actions.create),
            Call(&Stub::UpdateMeeting, actions.update),
            Call(&Stub::GetMeeting, actions.list),
            Call(&Stub::GetMeetingByMeetingId, actions.get),
            Call(&Stub::DeleteMeeting, actions.remove),
            Call(&Stub::AddMeetingRegistrant, actions.add),
            Call(&Stub::GetMeetingRegistrants, actions.registrants),
            Call(&Stub::DeleteMeetingRegistrant, actions.remove_registrant)};
  }

  std::unique_ptr<v1::ZoomApiService::Stub> stub;
};

TEST_CASE_METHOD(MeetingWorld, "Each of the eight meeting actions sends its request") {
  for (const absl::Status& status : CallAll(Actions("hanako"))) {
    CHECK_THAT(status, IsError(absl::StatusCode::kNotFound, "NOT_CONNECTED"));
  }

  std::vector<std::string> sent;
  for (const ApiRequest& request : sender.requests()) {
    std::string line(ToText(request.method));
    for (const std::string& segment : request.target.segments()) line += "/" + segment;
    sent.push_back(std::move(line));
    CHECK(request.requester.user_id == "hanako");
    CHECK(request.request_id == (IsUnsafe(request.method) ? kRequestId : ""));
  }
  CHECK(sent == std::vector<std::string>{
                    "POST/users/me/meetings", "PATCH/meetings/81234567890", "GET/users/me/meetings",
                    "GET/meetings/81234567890", "DELETE/meetings/81234567890",
                    "POST/meetings/81234567890/registrants", "GET/meetings/81234567890/registrants",
                    "DELETE/meetings/81234567890/registrants/r1"});
}

TEST_CASE_METHOD(MeetingWorld, "No meeting action is done in the name of another user") {
  for (const absl::Status& status : CallAll(Actions("taro"))) {
    CHECK_THAT(status, IsError(absl::StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  }
  CHECK(sender.requests().empty());
}

TEST_CASE_METHOD(MeetingWorld, "A meeting comes back from Zoom's answer to the caller") {
  sender.script = [](const ApiRequest&, BodySource&, AnswerSink& sink, Deadline) {
    return AnswerJson(sink, 200, R"({"id":81234567890123,"topic":"Tea","type":2})");
  };
  v1::GetMeetingByMeetingIdResponse response;
  const auto context = Context(std::chrono::seconds(30));

  const grpc::Status status =
      stub->GetMeetingByMeetingId(context.get(), Actions("hanako").get, &response);

  CHECK_THAT(rpc::FromGrpcStatus(status), IsOk());
  CHECK(response.meeting().meeting_id() == "81234567890123");
  CHECK(response.meeting().topic() == "Tea");
}

}  // namespace
}  // namespace shodan::zoomapi
