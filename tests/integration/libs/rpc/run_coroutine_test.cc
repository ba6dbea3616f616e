// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/run_coroutine.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include "libs/net/wait.h"
#include "tests/integration/libs/rpc/coroutine_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

namespace asio = boost::asio;
using testing::CoroutineWorld;
using testing::Door;
using testing::IsError;
using testing::IsOk;
using testing::zoom::GetMeetingRequest;
using testing::zoom::GetMeetingResponse;
using testing::zoom::ZoomApiService;
using Answer = absl::StatusOr<GetMeetingResponse>;

struct UnaryWorld : CoroutineWorld {
  UnaryWorld() : channel(CoroutineChannel("own")) {}

  Answer Call(const std::shared_ptr<grpc::Channel>& to,
              const std::shared_ptr<grpc::ClientContext>& context,
              const std::string& user = "hanako") const {
    GetMeetingRequest request;
    request.set_project_id("demo");
    request.set_user_id(user);
    GetMeetingResponse response;
    const grpc::Status status =
        ZoomApiService::NewStub(to)->GetMeeting(context.get(), request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }
  Answer Call() { return Call(channel, Context()); }

  std::shared_ptr<grpc::Channel> channel;
};

asio::awaitable<Answer> AnswerWith(std::string token) {
  GetMeetingResponse response;
  response.set_next_page_token(std::move(token));
  co_return response;
}

asio::awaitable<Answer> FailAfterTurn() {
  co_await net::WaitFor(std::chrono::milliseconds(1));
  co_return NotFound("NO_SUCH_MEETING", "There is none.");
}

asio::awaitable<Answer> Throw() {
  co_await net::WaitFor(std::chrono::milliseconds(1));
  throw std::runtime_error("canary");
}

// Ends when its coroutine is cancelled.
asio::awaitable<Answer> WaitLong(std::promise<void>& entered, std::promise<bool>& cancelled) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  entered.set_value();
  const auto [error] = co_await timer.async_wait(net::kAsTuple);
  const auto state = co_await asio::this_coro::cancellation_state;
  cancelled.set_value(error == asio::error::operation_aborted &&
                      state.cancelled() != asio::cancellation_type::none);
  // Nothing throws afterwards.
  co_await net::WaitFor(std::chrono::milliseconds(0));
  co_return GetMeetingResponse();
}

asio::awaitable<Answer> WaitAt(Door& door, std::atomic<int>& entered) {
  ++entered;
  entered.notify_all();
  co_await door.Wait();
  co_return GetMeetingResponse();
}

asio::awaitable<Answer> GoOnShielded(std::promise<void>& entered, Door& door,
                                     std::promise<bool>& undisturbed) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  entered.set_value();
  co_await door.Wait();
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
  const auto [error] = co_await timer.async_wait(net::kAsTuple);
  undisturbed.set_value(!error);
  co_return GetMeetingResponse();
}

TEST_CASE_METHOD(UnaryWorld, "A coroutine's answer reaches the caller") {
  std::promise<std::string> asked_by;
  coroutine_service.get_meeting = [&](const rpc::CallContext& call, const GetMeetingRequest& got) {
    asked_by.set_value(call.caller + " for " + got.user_id() + " as " + call.request_id);
    return AnswerWith("page 2");
  };

  const Answer answer = Call();

  REQUIRE_THAT(answer, IsOk());
  CHECK(answer->next_page_token() == "page 2");
  CHECK(asked_by.get_future().get() == "spiffe://shodan.local/ns/x/sa/own for hanako as call-1");
}

TEST_CASE_METHOD(UnaryWorld, "A coroutine's error keeps its reason on the wire") {
  coroutine_service.get_meeting = [](const auto&, const auto&) { return FailAfterTurn(); };

  CHECK_THAT(Call(), IsError(absl::StatusCode::kNotFound, "NO_SUCH_MEETING"));
}

TEST_CASE_METHOD(UnaryWorld, "An exception out of a coroutine is an error that tells nothing") {
  coroutine_service.get_meeting = [](const auto&, const auto&) { return Throw(); };

  const Answer answer = Call();

  CHECK_THAT(answer, IsError(absl::StatusCode::kInternal, "UNEXPECTED"));
  CHECK(answer.status().message().find("canary") == absl::string_view::npos);
}

TEST_CASE_METHOD(UnaryWorld, "No coroutine runs for a caller without the right") {
  coroutine_service.get_meeting = [](const auto&, const auto&) -> asio::awaitable<Answer> {
    FAIL_CHECK("It ran.");
    return AnswerWith("");
  };

  CHECK_THAT(Call(CoroutineChannel("stranger"), Context()),
             IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  CHECK_THAT(Call(CoroutineChannel("acting"), Context("demo", "hanako"), "taro"),
             IsError(absl::StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK_THAT(Call(channel, std::make_shared<grpc::ClientContext>()),
             IsError(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
  CHECK(coroutines.size() == 0);
}

TEST_CASE_METHOD(UnaryWorld, "A caller who leaves cancels the coroutine, without an exception") {
  std::promise<void> entered;
  std::promise<bool> cancelled;
  coroutine_service.get_meeting = [&](const auto&, const auto&) {
    return WaitLong(entered, cancelled);
  };
  const auto context = Context();
  auto answer = std::async(std::launch::async, [&] { return Call(channel, context); });
  entered.get_future().wait();

  context->TryCancel();

  CHECK(cancelled.get_future().get());
  CHECK(answer.get().status().code() == absl::StatusCode::kCancelled);
  DrainCalls();
}

TEST_CASE_METHOD(UnaryWorld, "A deadline that passes cancels the coroutine") {
  std::promise<void> entered;
  std::promise<bool> cancelled;
  coroutine_service.get_meeting = [&](const auto&, const auto&) {
    return WaitLong(entered, cancelled);
  };
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::milliseconds(500)), "", "");

  CHECK(Call(channel, context).status().code() == absl::StatusCode::kDeadlineExceeded);

  CHECK(cancelled.get_future().get());
  DrainCalls();
}

TEST_CASE_METHOD(UnaryWorld, "A coroutine that may not stop goes on when its caller has left") {
  std::promise<void> entered;
  std::promise<bool> undisturbed;
  Door door;
  coroutine_service.get_meeting = [&](const auto&, const auto&) {
    return GoOnShielded(entered, door, undisturbed);
  };
  const auto context = Context();
  auto answer = std::async(std::launch::async, [&] { return Call(channel, context); });
  entered.get_future().wait();
  context->TryCancel();
  CHECK(answer.get().status().code() == absl::StatusCode::kCancelled);

  door.Open();

  CHECK(undisturbed.get_future().get());
  DrainCalls();
}

TEST_CASE_METHOD(UnaryWorld, "Above the bound a call is refused at once, and room is given back") {
  Door door;
  std::atomic<int> entered{0};
  coroutine_service.get_meeting = [&](const auto&, const auto&) { return WaitAt(door, entered); };
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 4; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return Call(); }));
  }
  for (int seen = 0; seen < 4; seen = entered) entered.wait(seen);

  CHECK_THAT(Call(), IsError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"));

  door.Open();
  for (std::future<Answer>& answer : answers) CHECK_THAT(answer.get(), IsOk());
  // The last place is given back just after the last answer has gone out.
  absl::Status again = ResourceExhausted("SERVER_BUSY", "");
  while (ReasonOf(again) == "SERVER_BUSY") again = Call().status();
  CHECK_THAT(again, IsOk());
}

}  // namespace
}  // namespace shodan
