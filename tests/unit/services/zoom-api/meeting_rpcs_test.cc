// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/meeting_rpcs.h"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "services/zoom-api/domain/errors.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using absl::StatusCode;
using testing::IsError;
using testing::IsOk;

constexpr char kId[] = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";

// Answers as told, and remembers what it was asked.
class ScriptedSender : public Sender {
 public:
  explicit ScriptedSender(int status, std::string body = "")
      : status_(status), body_(std::move(body)) {}
  explicit ScriptedSender(absl::Status error) : error_(std::move(error)) {}

  boost::asio::awaitable<absl::Status> Send(ApiRequest request, BodySource& body, AnswerSink& sink,
                                            Deadline deadline) override {
    ++calls;
    asked = std::move(request);
    asked_until = deadline.when();
    while (true) {
      absl::StatusOr<std::string> chunk = co_await body.Next();
      if (!chunk.ok()) co_return chunk.status();
      if (chunk->empty()) break;
      sent += *chunk;
    }
    if (!error_.ok()) co_return error_;
    AnswerHead head;
    head.status = status_;
    absl::Status passed = co_await sink.Head(std::move(head));
    if (!passed.ok()) co_return passed;
    if (!body_.empty()) passed = co_await sink.Chunk(body_);
    co_return passed;
  }

  int calls = 0;
  ApiRequest asked;
  std::string sent;
  Deadline::Clock::time_point asked_until;

 private:
  int status_ = 0;
  std::string body_;
  absl::Status error_;
};

rpc::CallContext ACall() {
  rpc::CallContext call;
  call.caller = "spiffe://shodan.local/ns/shodan/sa/gateway";
  call.mode = rpc::CallMode::kUser;
  call.assertion.emplace();
  call.assertion->user_id = "aiko";
  call.request_id = "call-1";
  call.deadline = Deadline::After(std::chrono::seconds(5));
  return call;
}

template <typename Request>
Request Owned() {
  Request request;
  request.set_project_id("demo");
  request.set_user_id("aiko");
  if constexpr (requires { request.set_request_id(kId); }) request.set_request_id(kId);
  return request;
}

// Runs one action to its end on this thread.
template <typename Response, typename Request>
absl::StatusOr<Response> Run(Sender& sender, const Request& request,
                             MeetingActions::Answer<Response> (MeetingActions::*action)(
                                 const rpc::CallContext&, const Request&),
                             const rpc::CallContext& call = ACall()) {
  MeetingActions actions(sender);
  boost::asio::io_context io;
  auto result =
      boost::asio::co_spawn(io, (actions.*action)(call, request), boost::asio::use_future);
  io.run();
  return result.get();
}

std::string LineOf(const ApiRequest& request) {
  return std::string(ToText(request.method)) + " " + request.target.Encoded();
}

}  // namespace

TEST_CASE("Create Meeting answers the meeting that Zoom made", "[zoom-api][grpc]") {
  ScriptedSender zoom(201, R"({"id":92674392836,"topic":"Demo","start_url":"https://x.org/s"})");
  auto request = Owned<v1::CreateMeetingRequest>();
  request.mutable_meeting()->set_topic("Demo");
  const rpc::CallContext call = ACall();

  const auto made = Run(zoom, request, &MeetingActions::CreateMeeting, call);

  REQUIRE_THAT(made, IsOk());
  CHECK(made->meeting().meeting_id() == "92674392836");
  CHECK(made->meeting().start_url() == "https://x.org/s");
  CHECK(LineOf(zoom.asked) == "POST /users/me/meetings");
  CHECK(zoom.sent == R"({"topic":"Demo"})");
  CHECK(zoom.asked.request_id == kId);
  CHECK(zoom.asked.requester.project_id == "demo");
  CHECK(zoom.asked.requester.user_id == "aiko");
  CHECK(zoom.asked.requester.actor == "user:aiko");
  CHECK(zoom.asked.requester.caller == call.caller);
  CHECK(zoom.asked.any_of_scopes.front() == "meeting:write:meeting");
  CHECK(zoom.asked_until == call.deadline.when());
}

TEST_CASE("Update Meeting changes what the mask names", "[zoom-api][grpc]") {
  ScriptedSender zoom(204);
  auto request = Owned<v1::UpdateMeetingRequest>();
  request.mutable_meeting()->set_meeting_id("92674392836");
  request.mutable_meeting()->set_topic("New");
  request.mutable_meeting()->set_agenda("not named");
  request.mutable_update_mask()->add_paths("topic");

  REQUIRE_THAT(Run(zoom, request, &MeetingActions::UpdateMeeting), IsOk());

  CHECK(LineOf(zoom.asked) == "PATCH /meetings/92674392836");
  CHECK(zoom.sent == R"({"topic":"New"})");
}

TEST_CASE("Get Meeting answers a page and sends no request id", "[zoom-api][grpc]") {
  ScriptedSender zoom(200, R"({"next_page_token":"t","total_records":2,"meetings":[{"id":1}]})");

  const auto page = Run(zoom, Owned<v1::GetMeetingRequest>(), &MeetingActions::GetMeeting);

  REQUIRE_THAT(page, IsOk());
  CHECK(page->meetings_size() == 1);
  CHECK(page->next_page_token() == "t");
  CHECK(page->total_size() == 2);
  CHECK(LineOf(zoom.asked) == "GET /users/me/meetings?type=scheduled&page_size=30");
  CHECK(zoom.asked.request_id.empty());
  CHECK(zoom.sent.empty());
}

TEST_CASE("Get Meeting by Meeting ID answers the meeting", "[zoom-api][grpc]") {
  ScriptedSender zoom(200, R"({"id":"92674392836","settings":{"approval_type":1}})");
  auto request = Owned<v1::GetMeetingByMeetingIdRequest>();
  request.set_meeting_id("92674392836");

  const auto meeting = Run(zoom, request, &MeetingActions::GetMeetingByMeetingId);

  REQUIRE_THAT(meeting, IsOk());
  CHECK(meeting->meeting().settings().fields().at("approval_type").number_value() == 1);
  CHECK(LineOf(zoom.asked) == "GET /meetings/92674392836");
}

TEST_CASE("Delete Meeting deletes one, and says when it is gone already", "[zoom-api][grpc]") {
  auto request = Owned<v1::DeleteMeetingRequest>();
  request.set_meeting_id("92674392836");
  request.set_notify_hosts(true);
  ScriptedSender zoom(204);
  REQUIRE_THAT(Run(zoom, request, &MeetingActions::DeleteMeeting), IsOk());
  CHECK(LineOf(zoom.asked) ==
        "DELETE /meetings/92674392836?schedule_for_reminder=true&cancel_meeting_reminder=false");

  ScriptedSender gone(404, R"({"code":3001,"message":"Meeting does not exist: 92674392836."})");
  CHECK_THAT(Run(gone, request, &MeetingActions::DeleteMeeting),
             IsError(StatusCode::kNotFound, "MEETING_NOT_FOUND"));
}

TEST_CASE("Add Meeting Registrant answers the registrant's id, not the meeting's",
          "[zoom-api][grpc]") {
  ScriptedSender zoom(201,
                      R"({"id":85746065,"registrant_id":"fdgsfh","join_url":"https://x.org"})");
  auto request = Owned<v1::AddMeetingRegistrantRequest>();
  request.set_meeting_id("85746065");
  request.mutable_registrant()->set_email("a@example.com");
  request.mutable_registrant()->set_first_name("Jill");

  const auto added = Run(zoom, request, &MeetingActions::AddMeetingRegistrant);

  REQUIRE_THAT(added, IsOk());
  CHECK(added->registrant().registrant_id() == "fdgsfh");
  CHECK(added->registrant().join_url() == "https://x.org");
  CHECK(LineOf(zoom.asked) == "POST /meetings/85746065/registrants");
  CHECK(zoom.sent == R"({"email":"a@example.com","first_name":"Jill"})");
}

TEST_CASE("Get Meeting Registrants answers a page", "[zoom-api][grpc]") {
  ScriptedSender zoom(200,
                      R"({"next_page_token":"","registrants":[{"id":"r","email":"a@x.org"}]})");
  auto request = Owned<v1::GetMeetingRegistrantsRequest>();
  request.set_meeting_id("1");

  const auto page = Run(zoom, request, &MeetingActions::GetMeetingRegistrants);

  REQUIRE_THAT(page, IsOk());
  REQUIRE(page->registrants_size() == 1);
  CHECK(page->registrants(0).registrant_id() == "r");
  CHECK(LineOf(zoom.asked) == "GET /meetings/1/registrants?status=approved&page_size=30");
}

TEST_CASE("Delete Meeting Registrant deletes one, and says when it is gone already",
          "[zoom-api][grpc]") {
  auto request = Owned<v1::DeleteMeetingRegistrantRequest>();
  request.set_meeting_id("1");
  request.set_registrant_id("r");
  ScriptedSender zoom(204);
  REQUIRE_THAT(Run(zoom, request, &MeetingActions::DeleteMeetingRegistrant), IsOk());
  CHECK(LineOf(zoom.asked) == "DELETE /meetings/1/registrants/r");

  ScriptedSender gone(
      400,
      R"({"code":300,"message":"The value that you entered for the Registrant ID field is invalid."})");
  CHECK_THAT(Run(gone, request, &MeetingActions::DeleteMeetingRegistrant),
             IsError(StatusCode::kNotFound, "REGISTRANT_NOT_FOUND"));
}

TEST_CASE("what is wrong with a request is told at once, and nothing is sent", "[zoom-api][grpc]") {
  ScriptedSender zoom(204);
  v1::UpdateMeetingRequest request;
  request.set_project_id("Demo");
  request.mutable_meeting()->set_type(static_cast<v1::MeetingType>(10));
  request.mutable_update_mask()->add_paths("type");
  request.set_occurrence_id("?");

  const auto answer = Run(zoom, request, &MeetingActions::UpdateMeeting);

  CHECK_THAT(answer, IsError(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  std::vector<std::string> fields;
  for (const FieldViolation& field : FieldsOf(answer.status())) fields.push_back(field.field);
  CHECK(fields == std::vector<std::string>{"projectId", "userId", "requestId", "type", "meetingId",
                                           "occurrenceId"});
  CHECK(zoom.calls == 0);
}

TEST_CASE("the sender's errors pass as they are", "[zoom-api][grpc]") {
  ScriptedSender zoom(NotConnected());
  CHECK_THAT(Run(zoom, Owned<v1::GetMeetingRequest>(), &MeetingActions::GetMeeting),
             IsError(StatusCode::kNotFound, "NOT_CONNECTED"));
}

TEST_CASE("an answer that cannot be read is no failure of what Zoom did", "[zoom-api][grpc]") {
  ScriptedSender page(200, "<html></html>");
  CHECK_THAT(Run(page, Owned<v1::GetMeetingRequest>(), &MeetingActions::GetMeeting),
             IsError(StatusCode::kUnavailable, "ZOOM_ANSWER_UNREADABLE"));

  auto request = Owned<v1::CreateMeetingRequest>();
  request.mutable_meeting();
  ScriptedSender made(201, R"({"topic":"no id"})");
  CHECK_THAT(Run(made, request, &MeetingActions::CreateMeeting),
             IsError(StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  ScriptedSender failed(502, "<html></html>");
  CHECK_THAT(Run(failed, request, &MeetingActions::CreateMeeting),
             IsError(StatusCode::kAborted, "OUTCOME_UNKNOWN"));
}

TEST_CASE("an answer above 4 MiB is not kept", "[zoom-api][grpc]") {
  ScriptedSender zoom(200, std::string((4 << 20) + 1, ' '));
  CHECK_THAT(Run(zoom, Owned<v1::GetMeetingRequest>(), &MeetingActions::GetMeeting),
             IsError(StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
}

}  // namespace shodan::zoomapi
