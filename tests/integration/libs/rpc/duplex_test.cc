// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include "libs/net/wait.h"
#include "libs/rpc/duplex_call.h"
#include "libs/rpc/run_duplex.h"
#include "tests/integration/libs/rpc/coroutine_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using testing::ChunkOf;
using testing::CoroutineService;
using testing::CoroutineWorld;
using testing::Door;
using testing::HeadOf;
using testing::IsError;
using testing::IsOk;
using testing::SendCall;
using testing::zoom::SendRequestRequest;
using testing::zoom::SendRequestResponse;
using Stream = CoroutineService::Stream;

constexpr size_t kChunkBytes = 64 << 10;
constexpr int kManyChunks = 1'024;
// What both ends and gRPC's windows, which grow with the speed it measures, may hold of a stream
// that nobody reads.
constexpr int kHeldChunksMax = 400;

SendRequestResponse AnswerOf(std::string bytes) {
  SendRequestResponse message;
  message.set_chunk(std::move(bytes));
  return message;
}

// Sends back every chunk.
awaitable<absl::Status> Echo(Stream& stream) {
  while (true) {
    absl::StatusOr<std::optional<SendRequestRequest>> message = co_await stream.Read();
    if (!message.ok()) co_return message.status();
    if (!message->has_value()) co_return absl::OkStatus();
    SendRequestResponse answer = AnswerOf((*message)->chunk());
    const absl::Status written = co_await stream.Write(std::move(answer));
    if (!written.ok()) co_return written;
  }
}

awaitable<absl::Status> SayThenFail(Stream& stream) {
  SendRequestResponse answer = AnswerOf("last words");
  const absl::Status written = co_await stream.Write(std::move(answer));
  if (!written.ok()) co_return written;
  co_return MakeError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE", "It is too large.");
}

awaitable<absl::Status> ReadOnce(Stream& stream, std::promise<void>& entered,
                                 std::promise<absl::Status>& ended) {
  entered.set_value();
  const absl::StatusOr<std::optional<SendRequestRequest>> message = co_await stream.Read();
  ended.set_value(message.status());
  co_return message.status();
}

awaitable<absl::Status> WaitAt(Door& door) {
  co_await door.Wait();
  co_return absl::OkStatus();
}

// Gives up waiting for a message, then waits for it again.
awaitable<absl::Status> ReadTwice(Stream& stream, std::promise<void>& gave_up) {
  using asio::experimental::awaitable_operators::operator||;
  auto either = stream.Read() || net::WaitFor(std::chrono::milliseconds(1));
  const auto first = co_await std::move(either);
  if (first.index() != 1) co_return Internal("UNEXPECTED", "A message came before it was sent.");
  gave_up.set_value();
  co_return co_await Echo(stream);
}

awaitable<absl::Status> WriteUntilError(Stream& stream, std::atomic<int>& written,
                                        std::promise<absl::Status>& ended) {
  absl::Status status;
  while (status.ok() && written < kManyChunks) {
    SendRequestResponse answer = AnswerOf(std::string(kChunkBytes, 'x'));
    status = co_await stream.Write(std::move(answer));
    if (status.ok()) ++written;
  }
  ended.set_value(status);
  co_return status;
}

struct Heard {
  Heard() = default;
  std::string text;
  absl::Status status;
};

// Says the messages, ends writing, and hears everything.
awaitable<Heard> Talk(SendCall& call, std::vector<SendRequestRequest> messages) {
  Heard heard;
  bool open = true;
  for (SendRequestRequest& message : messages) {
    if (open) open = co_await call.Write(std::move(message));
  }
  if (open) co_await call.WritesDone();
  while (true) {
    std::optional<SendRequestResponse> message = co_await call.Read();
    if (!message.has_value()) break;
    heard.text += message->chunk();
  }
  heard.status = co_await call.Finish();
  co_return heard;
}

awaitable<int> WriteWhileTaken(SendCall& call) {
  SendRequestRequest head = HeadOf("demo", "hanako");
  bool open = co_await call.Write(std::move(head));
  int taken = 0;
  while (open && taken < kManyChunks) {
    SendRequestRequest chunk = ChunkOf(std::string(kChunkBytes, 'x'));
    open = co_await call.Write(std::move(chunk));
    if (open) ++taken;
  }
  co_return taken;
}

awaitable<bool> WriteHead(SendCall& call) {
  SendRequestRequest head = HeadOf("demo", "hanako");
  co_return co_await call.Write(std::move(head));
}

struct DuplexWorld : CoroutineWorld {
  DuplexWorld() {
    coroutine_service.send_request = [](const auto&, const auto&, Stream& stream) {
      return Echo(stream);
    };
  }
  Heard TalkAs(const std::string& name, const std::shared_ptr<grpc::ClientContext>& context,
               std::vector<SendRequestRequest> messages) {
    SendCall call = StartCall(context, name);
    return Run(Talk(call, std::move(messages)));
  }
};

TEST_CASE_METHOD(DuplexWorld, "Messages go both ways in order, after the head") {
  std::string user;
  coroutine_service.send_request = [&](const rpc::CallContext&, const SendRequestRequest& first,
                                       Stream& stream) {
    user = first.head().user_id();
    return Echo(stream);
  };

  const Heard heard = TalkAs("own", Context(),
                             {HeadOf("demo", "hanako"), ChunkOf("one,"), ChunkOf("two,"),
                              ChunkOf(std::string(100'000, 'x'))});

  CHECK_THAT(heard.status, IsOk());
  CHECK(heard.text == "one,two," + std::string(100'000, 'x'));
  CHECK(user == "hanako");
}

TEST_CASE_METHOD(DuplexWorld, "A stream without a head at its beginning is refused") {
  CHECK_THAT(TalkAs("own", Context(), {ChunkOf("x"), HeadOf("demo", "hanako")}).status,
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK_THAT(TalkAs("own", Context(), {}).status,
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "The head must name the assertion's project and user") {
  CHECK_THAT(
      TalkAs("acting", Context("demo", "hanako"), {HeadOf("demo", "hanako"), ChunkOf("x")}).status,
      IsOk());
  coroutine_service.send_request = [](const auto&, const auto&, Stream& stream) {
    FAIL_CHECK("It ran.");
    return Echo(stream);
  };
  for (const auto& [project, user] : {std::pair("demo", "taro"), std::pair("other", "hanako"),
                                      std::pair("demo", ""), std::pair("", "")}) {
    CAPTURE(project, user);
    CHECK_THAT(TalkAs("acting", Context("demo", "hanako"), {HeadOf(project, user)}).status,
               IsError(absl::StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  }
}

TEST_CASE_METHOD(DuplexWorld, "Who may not open the stream is refused before a message is read") {
  const std::vector<SendRequestRequest> nothing;
  CHECK_THAT(TalkAs("stranger", Context(), nothing).status,
             IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  CHECK_THAT(TalkAs("acting", Context(), nothing).status,
             IsError(absl::StatusCode::kUnauthenticated, "ASSERTION_REQUIRED"));
  CHECK_THAT(TalkAs("own", std::make_shared<grpc::ClientContext>(), nothing).status,
             IsError(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
}

TEST_CASE_METHOD(DuplexWorld, "An error after messages comes after them") {
  coroutine_service.send_request = [](const auto&, const auto&, Stream& stream) {
    return SayThenFail(stream);
  };

  const Heard heard = TalkAs("own", Context(), {HeadOf("demo", "hanako")});

  CHECK(heard.text == "last words");
  CHECK_THAT(heard.status, IsError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
}

TEST_CASE_METHOD(DuplexWorld, "A caller who goes on writing learns why nobody reads it") {
  coroutine_service.send_request = [](const auto&, const auto&, Stream& stream) {
    return SayThenFail(stream);
  };
  SendCall call = StartCall(Context());

  CHECK(Run(WriteWhileTaken(call)) < kManyChunks);
  const Heard heard = Run(Talk(call, {}));

  CHECK(heard.text == "last words");
  CHECK_THAT(heard.status, IsError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
}

TEST_CASE_METHOD(DuplexWorld, "A caller who leaves ends what the handler awaits") {
  std::promise<void> entered;
  std::promise<absl::Status> ended;
  coroutine_service.send_request = [&](const auto&, const auto&, Stream& stream) {
    return ReadOnce(stream, entered, ended);
  };
  {
    SendCall call = StartCall(Context());
    CHECK(Run(WriteHead(call)));
    entered.get_future().wait();
    // Dropping the call is leaving.
  }

  CHECK_THAT(ended.get_future().get(), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  client_io.restart();
  client_io.run();
  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "A stream ends at its deadline on both sides") {
  std::promise<void> entered;
  std::promise<absl::Status> ended;
  coroutine_service.send_request = [&](const auto&, const auto&, Stream& stream) {
    return ReadOnce(stream, entered, ended);
  };
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::milliseconds(500)), "", "");
  SendCall call = StartCall(context);
  CHECK(Run(WriteHead(call)));

  const Heard heard = Run([](SendCall& c) -> awaitable<Heard> {
    Heard result;
    while (co_await c.Read()) {
    }
    result.status = co_await c.Finish();
    co_return result;
  }(call));

  CHECK(heard.status.code() == absl::StatusCode::kDeadlineExceeded);
  CHECK_THAT(ended.get_future().get(), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "Finishing before the end cancels the call") {
  SendCall call = StartCall(Context());
  CHECK(Run(WriteHead(call)));

  CHECK(Run(call.Finish()).code() == absl::StatusCode::kCancelled);

  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "A read that was given up loses no message") {
  std::promise<void> gave_up;
  coroutine_service.send_request = [&](const auto&, const auto&, Stream& stream) {
    return ReadTwice(stream, gave_up);
  };
  SendCall call = StartCall(Context());
  CHECK(Run(WriteHead(call)));
  gave_up.get_future().wait();

  const Heard heard = Run(Talk(call, {ChunkOf("one,"), ChunkOf("two")}));

  CHECK_THAT(heard.status, IsOk());
  CHECK(heard.text == "one,two");
}

TEST_CASE_METHOD(DuplexWorld, "A handler that does not read holds its caller") {
  Door door;
  coroutine_service.send_request = [&](const auto&, const auto&, Stream&) { return WaitAt(door); };
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::milliseconds(1'000)), "", "");
  SendCall call = StartCall(context);

  const int taken = Run(WriteWhileTaken(call));

  CHECK(taken < kHeldChunksMax);
  door.Open();
  CHECK(Run(call.Finish()).code() == absl::StatusCode::kDeadlineExceeded);
  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "A caller who does not read holds the handler") {
  std::atomic<int> written{0};
  std::promise<absl::Status> ended;
  coroutine_service.send_request = [&](const auto&, const auto&, Stream& stream) {
    return WriteUntilError(stream, written, ended);
  };
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::milliseconds(1'000)), "", "");
  SendCall call = StartCall(context);
  CHECK(Run(WriteHead(call)));

  CHECK_THAT(ended.get_future().get(), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  CHECK(written < kHeldChunksMax);
  CHECK_FALSE(Run(call.Finish()).ok());
  DrainCalls();
}

TEST_CASE_METHOD(DuplexWorld, "Above the bound a stream is refused at once") {
  Door door;
  std::atomic<int> entered{0};
  coroutine_service.send_request = [&](const auto&, const auto&, Stream&) {
    ++entered;
    entered.notify_all();
    return WaitAt(door);
  };
  std::vector<SendCall> calls;
  calls.reserve(4);
  for (int i = 0; i < 4; ++i) {
    calls.push_back(StartCall(Context()));
    CHECK(Run(WriteHead(calls.back())));
  }
  for (int seen = 0; seen < 4; seen = entered) entered.wait(seen);

  CHECK_THAT(TalkAs("own", Context(), {HeadOf("demo", "hanako")}).status,
             IsError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"));

  door.Open();
  for (SendCall& call : calls) CHECK_THAT(Run(Talk(call, {})).status, IsOk());
}

TEST_CASE_METHOD(DuplexWorld, "A call to nobody ends with an error") {
  coroutine_server->Drain(std::chrono::milliseconds(0));

  const Heard heard = TalkAs("own", Context(), {HeadOf("demo", "hanako"), ChunkOf("x")});

  CHECK(heard.status.code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shodan
