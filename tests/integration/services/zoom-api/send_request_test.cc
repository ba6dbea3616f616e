// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/send_request.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <catch2/catch.hpp>

#include "services/zoom-api/domain/errors.h"
#include "tests/integration/services/zoom-api/service_world.h"
#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;
using testing::IsError;
using testing::IsOk;

constexpr size_t kChunkBytes = 64 << 10;
constexpr size_t kLargeBytes = 20 << 20;
// What gRPC's windows and both ends may hold of a stream.
constexpr int64_t kHeldBytesMax = 8 << 20;

// Counts what was read; answers with it, and with "ok".
awaitable<absl::Status> Swallow(BodySource& body, AnswerSink& sink, std::atomic<int64_t>& read) {
  while (true) {
    const absl::StatusOr<std::string> chunk = co_await body.Next();
    if (!chunk.ok()) co_return chunk.status();
    if (chunk->empty()) break;
    read += static_cast<int64_t>(chunk->size());
  }
  AnswerHead head;
  head.status = 201;
  const absl::Status told = co_await sink.Head(std::move(head));
  if (!told.ok()) co_return told;
  std::string bytes = "ok";
  co_return co_await sink.Chunk(std::move(bytes));
}

/// Where the bytes of a body are.
struct Flow {
  std::atomic<int64_t> written{0};
  std::atomic<int64_t> read{0};
  std::atomic<int64_t> held_max{0};
};

awaitable<absl::Status> EchoBody(BodySource& body, AnswerSink& sink, Flow& flow) {
  AnswerHead head;
  head.status = 200;
  absl::Status told = co_await sink.Head(std::move(head));
  while (told.ok()) {
    absl::StatusOr<std::string> chunk = co_await body.Next();
    if (!chunk.ok()) co_return chunk.status();
    if (chunk->empty()) break;
    flow.read += static_cast<int64_t>(chunk->size());
    flow.held_max = std::max<int64_t>(flow.held_max, flow.written - flow.read);
    told = co_await sink.Chunk(*std::move(chunk));
  }
  co_return told;
}

awaitable<absl::Status> AnswerThenFail(AnswerSink& sink) {
  AnswerHead head;
  head.status = 404;
  head.content_type = "application/json";
  head.content_length = 100;
  head.headers = {{"x-zm-trackingid", "v=2.0;clid=us1"}, {"retry-after", "1"}};
  absl::Status told = co_await sink.Head(std::move(head));
  if (!told.ok()) co_return told;
  std::string bytes = "beginning";
  told = co_await sink.Chunk(std::move(bytes));
  co_return told.ok() ? AnswerTooLarge() : told;
}

awaitable<absl::Status> AwaitBody(BodySource& body, std::promise<void>& entered,
                                  std::promise<absl::Status>& ended) {
  entered.set_value();
  const absl::StatusOr<std::string> chunk = co_await body.Next();
  ended.set_value(chunk.status());
  co_return chunk.status();
}

awaitable<bool> WriteText(SendCall& call, const std::string& text, Flow& flow) {
  v1::SendRequestRequest head = HeadMessage("POST", static_cast<int64_t>(text.size()));
  bool open = co_await call.Write(std::move(head));
  for (size_t at = 0; at < text.size() && open; at += kChunkBytes) {
    v1::SendRequestRequest chunk = ChunkMessage(text.substr(at, kChunkBytes));
    flow.written += static_cast<int64_t>(chunk.chunk().size());
    open = co_await call.Write(std::move(chunk));
  }
  if (!open) co_return false;
  co_return co_await call.WritesDone();
}

awaitable<Heard> WriteAndHear(SendCall& call, const std::string& text, Flow& flow) {
  using boost::asio::experimental::awaitable_operators::operator&&;
  auto both = WriteText(call, text, flow) && Hear(call);
  std::tuple<bool, Heard> result = co_await std::move(both);
  CHECK(std::get<0>(result));
  co_return std::get<1>(std::move(result));
}

struct SendRequestWorld : ServiceWorld {
  SendRequestWorld() {
    sender.script = [this](const ApiRequest&, BodySource& body, AnswerSink& sink, Deadline) {
      return Swallow(body, sink, read);
    };
  }
  std::atomic<int64_t> read{0};
};

std::set<std::string> BadFields(const absl::Status& status) {
  std::set<std::string> names;
  for (const FieldViolation& violation : FieldsOf(status)) names.insert(violation.field);
  return names;
}

TEST_CASE_METHOD(SendRequestWorld, "A request is sent as its head says, in its user's name") {
  v1::SendRequestRequest message = HeadMessage("PATCH", 4);
  message.mutable_head()->set_path("meetings/%2Fajbdsk5TqaG7FHWgnVlJg%3D%3D");
  message.mutable_head()->set_query("a=%20b");
  message.mutable_head()->set_content_type("application/json; charset=utf-8");
  message.mutable_head()->set_accept("text/csv");

  const Heard heard = Send({message, ChunkMessage("bo"), ChunkMessage("dy")});

  CHECK_THAT(heard.status, IsOk());
  CHECK(heard.head.status() == 201);
  CHECK(heard.body == "ok");
  CHECK(read == 4);
  REQUIRE(sender.requests().size() == 1);
  const ApiRequest request = sender.requests()[0];
  CHECK(request.requester.project_id == "demo");
  CHECK(request.requester.user_id == "hanako");
  CHECK(request.requester.actor == "user:hanako");
  CHECK(request.requester.caller == "spiffe://shodan.local/ns/x/sa/acting");
  CHECK(request.requester.call_id == "call-1");
  CHECK(request.request_id == "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e");
  CHECK(request.method == Method::kPatch);
  CHECK(request.target.segments() ==
        std::vector<std::string>{"meetings", "/ajbdsk5TqaG7FHWgnVlJg=="});
  CHECK(request.target.parameters() ==
        std::vector<std::pair<std::string, std::string>>{{"a", " b"}});
  CHECK(request.content_type == "application/json; charset=utf-8");
  CHECK(request.content_length == 4);
  CHECK(request.accept == "text/csv");
}

TEST_CASE_METHOD(SendRequestWorld, "A request without a body needs neither length nor request id") {
  const Heard heard = Send({HeadMessage("GET")});

  CHECK_THAT(heard.status, IsOk());
  REQUIRE(sender.requests().size() == 1);
  CHECK(sender.requests()[0].request_id.empty());
  CHECK(sender.requests()[0].content_length == 0);
}

TEST_CASE_METHOD(SendRequestWorld, "A head with bad fields names them and nothing is sent") {
  struct Row {
    const char* field;
    std::function<void(v1::RequestHead&)> spoil;
  };
  const std::vector<Row> rows = {
      {"method", [](auto& head) { head.set_method("TRACE"); }},
      {"method", [](auto& head) { head.set_method("post"); }},
      {"method", [](auto& head) { head.clear_method(); }},
      {"path", [](auto& head) { head.clear_path(); }},
      {"path", [](auto& head) { head.set_path("users/../me"); }},
      {"path", [](auto& head) { head.set_path("/evil.example"); }},
      {"query", [](auto& head) { head.set_query("a=%zz"); }},
      {"requestId", [](auto& head) { head.clear_request_id(); }},
      {"requestId", [](auto& head) { head.set_request_id("1"); }},
      {"contentType", [](auto& head) { head.set_content_type("text/plain\r\nX: y"); }},
      {"contentType", [](auto& head) { head.set_content_type(std::string(256, 'x')); }},
      {"contentType", [](auto& head) { head.set_content_type("\xc3\xa4"); }},
      {"accept", [](auto& head) { head.set_accept("a\n"); }},
      {"accept", [](auto& head) { head.set_accept(std::string(256, 'x')); }},
      {"contentLength", [](auto& head) { head.set_content_length(-1); }},
      {"contentLength", [](auto& head) { head.set_content_length((20 << 20) + 1); }},
      {"contentLength",
       [](auto& head) {
         head.set_method("GET");
         head.set_content_length(1);
       }},
  };
  for (const Row& row : rows) {
    v1::SendRequestRequest message = HeadMessage("POST", 1);
    row.spoil(*message.mutable_head());
    CAPTURE(row.field);

    const Heard heard = Send({message, ChunkMessage("x")});

    CHECK_THAT(heard.status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    CHECK(BadFields(heard.status) == std::set<std::string>{row.field});
  }
  CHECK(sender.requests().empty());
}

TEST_CASE_METHOD(SendRequestWorld, "Nobody sends in the name of another user") {
  v1::SendRequestRequest message = HeadMessage("GET");
  message.mutable_head()->set_user_id("taro");

  CHECK_THAT(Send({message}).status,
             IsError(absl::StatusCode::kPermissionDenied, "ASSERTION_USER_MISMATCH"));
  CHECK(sender.requests().empty());
}

TEST_CASE_METHOD(SendRequestWorld, "A body of another length never comes to its last byte") {
  const std::vector<std::vector<std::string>> bodies = {
      {"0123456789x"}, {"0123456789", "x"}, {"01234", "56789", "x"}, {"012345678"}, {}};
  for (const std::vector<std::string>& chunks : bodies) {
    CAPTURE(chunks);
    read = 0;
    std::vector<v1::SendRequestRequest> messages = {HeadMessage("POST", 10)};
    for (const std::string& chunk : chunks) messages.push_back(ChunkMessage(chunk));

    const Heard heard = Send(messages);

    CHECK_THAT(heard.status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    CHECK(BadFields(heard.status) == std::set<std::string>{"contentLength"});
    CHECK(read < 10);
  }
}

TEST_CASE_METHOD(SendRequestWorld,
                 "A body that was not announced is refused before anything is sent") {
  const Heard heard = Send({HeadMessage("POST", 0), ChunkMessage("x")});

  CHECK_THAT(heard.status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(sender.requests().empty());
}

TEST_CASE_METHOD(SendRequestWorld, "Only chunks of 1 to 65,536 bytes follow the head") {
  const std::vector<v1::SendRequestRequest> followers = {
      ChunkMessage(std::string(kChunkBytes + 1, 'x')), ChunkMessage(""), HeadMessage("POST", 10),
      v1::SendRequestRequest()};
  for (const v1::SendRequestRequest& follower : followers) {
    const Heard heard = Send({HeadMessage("POST", 1 << 20), follower});

    CHECK_THAT(heard.status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    CHECK(BadFields(heard.status) == std::set<std::string>{"chunk"});
  }
  CHECK(read == 0);
}

TEST_CASE_METHOD(SendRequestWorld, "A stream that does not begin with its head is refused") {
  CHECK_THAT(Send({ChunkMessage("x"), HeadMessage("POST", 1)}).status,
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK_THAT(Send({}).status, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(sender.requests().empty());
}

TEST_CASE_METHOD(SendRequestWorld, "Head and body of the answer come before an error") {
  sender.script = [](const ApiRequest&, BodySource&, AnswerSink& sink, Deadline) {
    return AnswerThenFail(sink);
  };

  const Heard heard = Send({HeadMessage("GET")});

  CHECK(heard.head.status() == 404);
  CHECK(heard.head.content_type() == "application/json");
  CHECK(heard.head.content_length() == 100);
  REQUIRE(heard.head.headers_size() == 2);
  CHECK(heard.head.headers(0).name() == "x-zm-trackingid");
  CHECK(heard.head.headers(0).value() == "v=2.0;clid=us1");
  CHECK(heard.body == "beginning");
  CHECK_THAT(heard.status, IsError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
}

TEST_CASE_METHOD(SendRequestWorld, "20 MiB go both ways, a few of them held") {
  Flow flow;
  sender.script = [&](const ApiRequest&, BodySource& body, AnswerSink& sink, Deadline) {
    return EchoBody(body, sink, flow);
  };
  std::string text(kLargeBytes, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 2654435761U >> 16);
  SendCall call = StartCall();

  const Heard heard = Run(WriteAndHear(call, text, flow));

  CHECK_THAT(heard.status, IsOk());
  CHECK((heard.body == text));
  CHECK(heard.largest_chunk <= kChunkBytes);
  CHECK(flow.held_max < kHeldBytesMax);
}

TEST_CASE_METHOD(SendRequestWorld, "A caller that does not read its answer is held with its body") {
  Flow flow;
  sender.script = [&](const ApiRequest&, BodySource& body, AnswerSink& sink, Deadline) {
    return EchoBody(body, sink, flow);
  };
  SendCall call = StartCall(std::chrono::milliseconds(1'500));

  // The deadline ends what would wait for ever.
  CHECK_FALSE(Run(WriteText(call, std::string(kLargeBytes, 'x'), flow)));

  CHECK(flow.written < 2 * kHeldBytesMax);
  CHECK_FALSE(Run(call.Finish()).ok());
}

TEST_CASE_METHOD(SendRequestWorld, "The sender learns that the caller has left") {
  std::promise<void> entered;
  std::promise<absl::Status> ended;
  sender.script = [&](const ApiRequest&, BodySource& body, AnswerSink&, Deadline) {
    return AwaitBody(body, entered, ended);
  };
  SendCall call = StartCall();
  CHECK(Run([](SendCall& c) -> awaitable<bool> {
    v1::SendRequestRequest head = HeadMessage("POST", 10);
    co_return co_await c.Write(std::move(head));
  }(call)));
  entered.get_future().wait();

  CHECK(Run(call.Finish()).code() == absl::StatusCode::kCancelled);

  CHECK_FALSE(ended.get_future().get().ok());
  service_server->Drain(std::chrono::seconds(20));
  CHECK(coroutines.size() == 0);
}

TEST_CASE_METHOD(SendRequestWorld, "The sender has the call's deadline") {
  std::atomic<int64_t> remaining_ms{0};
  sender.script = [&](const ApiRequest&, BodySource& body, AnswerSink& sink, Deadline deadline) {
    remaining_ms = deadline.Remaining().count();
    return Swallow(body, sink, read);
  };

  CHECK_THAT(Send({HeadMessage("GET")}).status, IsOk());

  CHECK(remaining_ms > 0);
  CHECK(remaining_ms <= 30'000);
}

}  // namespace
}  // namespace shodan::zoomapi
