// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/zoom_sender.h"

#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>

#include "services/zoom-api/domain/answer_head.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/zoom-api/sender_world.h"

namespace shodan::zoomapi::testing {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using std::chrono::milliseconds;

constexpr char kBody[] = R"({"topic":"x"})";
constexpr int64_t kBodyLength = sizeof(kBody) - 1;

Exchanged Answer(int status, std::vector<std::string> chunks = {}) {
  Exchanged answer;
  answer.status = status;
  answer.chunks = std::move(chunks);
  return answer;
}

Exchanged Failure(bool may_have_been_sent) {
  Exchanged failure;
  failure.error = Unavailable("HTTPS_UNREACHABLE", "The connection was lost.");
  failure.may_have_been_sent = may_have_been_sent;
  return failure;
}

std::vector<IntentState> StatesOf(const std::vector<IntentEnding>& endings) {
  std::vector<IntentState> states;
  for (const IntentEnding& ending : endings) states.push_back(ending.state);
  return states;
}

}  // namespace

TEST_CASE("a request goes to the API's base with the user's token", "[zoom-api]") {
  SenderWorld world;
  Exchanged answer = Answer(200, {"{\"a\":", "1}"});
  answer.headers = {{"content-type", "application/json"},
                    {"x-zm-trackingid", "v=2.0;rid=1"},
                    {"set-cookie", "a=b"},
                    {"x-ratelimit-remaining", "7"},
                    {"server", "x"}};
  world.zoom.script = {answer};
  CHECK_THAT(world.Send(Get("users/me")), IsOk());

  REQUIRE(world.zoom.requests.size() == 1);
  const SeenRequest& seen = world.zoom.requests[0];
  CHECK(seen.method == "GET");
  CHECK(seen.url == "https://api.zoom.example/v2/users/me");
  CHECK(seen.headers.at("authorization") == "Bearer token-1");
  CHECK(seen.headers.at("accept") == "application/json");
  CHECK_FALSE(seen.headers.contains("content-type"));
  CHECK_FALSE(seen.content_length.has_value());
  CHECK_FALSE(seen.fresh_connection);

  CHECK(world.sink.head.status == 200);
  CHECK(world.sink.head.content_type == "application/json");
  CHECK(world.sink.head.headers ==
        HeaderFields{{"x-zm-trackingid", "v=2.0;rid=1"}, {"x-ratelimit-remaining", "7"}});
  CHECK(world.sink.body == "{\"a\":1}");
  CHECK(world.intents.begun.empty());
  REQUIRE(world.budget.taken.size() == 1);
  CHECK(world.budget.taken[0].account_tag == "tag of demo");
  CHECK(world.budget.taken[0].user_id == "aiko");
}

TEST_CASE("an unsafe request is announced before, on a connection of its own", "[zoom-api]") {
  SenderWorld world;
  Exchanged answer = Answer(201, {"{}"});
  answer.headers = {{"x-zm-trackingid", "v=2.0;rid=1"}};
  world.zoom.script = {answer};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody), IsOk());

  REQUIRE(world.zoom.requests.size() == 1);
  CHECK(world.zoom.requests[0].body == kBody);
  CHECK(world.zoom.requests[0].content_length == kBodyLength);
  CHECK(world.zoom.requests[0].headers.at("content-type") == "application/json");
  CHECK(world.zoom.requests[0].fresh_connection);
  REQUIRE(world.intents.begun.size() == 1);
  const Intent& intent = world.intents.begun[0];
  CHECK(intent.method == "POST");
  CHECK(intent.endpoint == "/users/me/meetings");
  CHECK(intent.head_fingerprint.size() == 32);
  CHECK(intent.body_fingerprint.size() == 32);
  REQUIRE(world.intents.endings.size() == 1);
  CHECK(world.intents.endings[0].state == IntentState::kCompleted);
  CHECK(world.intents.endings[0].zoom_status == 201);
  CHECK(world.intents.endings[0].tracking_id == "v=2.0;rid=1");
}

TEST_CASE("a repetition sends nothing", "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Answer(201)};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody), IsOk());
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_COMPLETED"));
  const std::string other_body(kBodyLength, 'x');
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), other_body),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  CHECK_THAT(world.Send(Post("users/me/webinars", kBodyLength), kBody),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  CHECK(world.zoom.requests.size() == 1);
}

TEST_CASE("a lost connection leaves the outcome of an unsafe request unknown for ever",
          "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Failure(true)};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody),
             IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kUnknown});
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody),
             IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  CHECK(world.zoom.requests.size() == 1);
}

TEST_CASE("a connection that never came about is tried again for unsafe requests too",
          "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Failure(false), Failure(false), Answer(204)};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody), IsOk());
  CHECK(world.zoom.requests.size() == 3);
  CHECK(world.zoom.requests[2].body == kBody);
  CHECK(world.intents.begun.size() == 1);
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kCompleted});
}

TEST_CASE("when Zoom cannot be reached the request id may be used again", "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Failure(false), Failure(false), Failure(false), Answer(201)};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody), IsOk());
  CHECK(StatesOf(world.intents.endings) ==
        std::vector{IntentState::kNotSent, IntentState::kCompleted});
}

TEST_CASE("a refused token is refreshed once and the kept body sent again", "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Answer(401, {"{\"code\":124}"}), Answer(201, {"{}"})};
  CHECK_THAT(world.Send(Post("users/me/meetings", kBodyLength), kBody), IsOk());
  CHECK(world.tokens.asked == std::vector<int64_t>{0, 1});
  REQUIRE(world.zoom.requests.size() == 2);
  CHECK(world.zoom.requests[1].headers.at("authorization") == "Bearer token-2");
  CHECK(world.zoom.requests[1].body == kBody);
  CHECK(world.sink.heads == 1);
  CHECK(world.sink.body == "{}");
  CHECK(world.budget.taken.size() == 2);
}

TEST_CASE("a second refusal of the token is the caller's answer", "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Answer(401), Answer(401, {"{\"code\":124}"})};
  CHECK_THAT(world.Send(Get("users/me")), IsOk());
  CHECK(world.sink.head.status == 401);
  CHECK(world.sink.body == "{\"code\":124}");
  CHECK(world.tokens.asked.size() == 2);
}

TEST_CASE("a long body passes in pieces and is not sent twice", "[zoom-api]") {
  const std::vector<std::string> chunks(8, std::string(64 << 10, 'z'));
  const int64_t length = 8 * (64 << 10);
  SenderWorld world;
  ChunkSource body(chunks);
  CHECK_THAT(world.Send(Post("upload", length), body, world.sink), IsOk());
  CHECK(world.zoom.requests[0].body.size() == static_cast<size_t>(length));
  REQUIRE(world.intents.endings.size() == 1);
  CHECK(world.intents.begun[0].body_fingerprint.empty());
  CHECK(world.intents.endings[0].body_fingerprint.size() == 32);

  // The same again, cut elsewhere: recognized. Another body: not the same request.
  ChunkSource again(std::vector<std::string>(16, std::string(32 << 10, 'z')));
  CHECK_THAT(world.Send(Post("upload", length), again, world.sink),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_COMPLETED"));
  ChunkSource other(std::vector<std::string>(8, std::string(64 << 10, 'y')));
  CHECK_THAT(world.Send(Post("upload", length), other, world.sink),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));

  SenderWorld refused;
  refused.zoom.script = {Answer(401)};
  ChunkSource gone(chunks);
  CHECK_THAT(refused.Send(Post("upload", length), gone, refused.sink),
             IsError(absl::StatusCode::kFailedPrecondition, "REQUEST_NOT_REPEATABLE"));
  CHECK(StatesOf(refused.intents.endings) == std::vector{IntentState::kNotSent});
}

TEST_CASE("an answer that comes before the body has gone is passed on", "[zoom-api]") {
  SenderWorld world;
  Exchanged early = Answer(413, {"too long"});
  early.refuses_body = true;
  world.zoom.script = {early};
  ChunkSource body(std::vector<std::string>(8, std::string(64 << 10, 'z')));
  CHECK_THAT(world.Send(Post("upload", 8 * (64 << 10)), body, world.sink), IsOk());
  CHECK(world.sink.head.status == 413);
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kCompleted});
}

TEST_CASE("a body of another length than announced is refused", "[zoom-api]") {
  SenderWorld world;
  CHECK_THAT(world.Send(Post("a", 5), "1234"),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK_THAT(world.Send(Post("a", 5), "123456"),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(world.zoom.requests.empty());
  CHECK(world.intents.begun.empty());
}

TEST_CASE("a caller who leaves within a long body: the transfer ends, its outcome is unknown",
          "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Failure(true)};
  ChunkSource body({std::string(64 << 10, 'z')}, CallCancelled());
  CHECK_THAT(world.Send(Post("upload", 1 << 20), body, world.sink),
             IsError(absl::StatusCode::kAborted, "OUTCOME_UNKNOWN"));
  CHECK(world.zoom.requests[0].cancelled);
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kUnknown});
}

TEST_CASE("a caller who leaves within the answer ends the transfer, not what was done",
          "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Answer(201, {"a", "b", "c"})};
  world.sink.chunks_until_left = 1;
  CHECK_THAT(world.Send(Post("a", 0)), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  CHECK(world.sink.body == "a");
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kCompleted});
}

TEST_CASE("an answer that breaks off or is too long ends in an error", "[zoom-api]") {
  SenderSettings settings;
  settings.answer_bytes_max = 4;
  SenderWorld world(settings);
  Exchanged broken = Answer(200, {"ab"});
  broken.error = Unavailable("HTTPS_TRUNCATED", "The answer broke off.");
  world.zoom.script = {broken, Answer(200, {"abcd", "e"}), Answer(200, {"abcd"})};
  CHECK_THAT(world.Send(Get("users/me")),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK_THAT(world.Send(Get("users/me")),
             IsError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
  CHECK_THAT(world.Send(Get("users/me")), IsOk());
}

TEST_CASE("a 429 tells the budget and is sent again", "[zoom-api]") {
  SenderWorld world;
  Exchanged limited = Answer(429);
  limited.headers = {{"retry-after", "2"}};
  world.zoom.script = {limited, Answer(200)};
  CHECK_THAT(world.Send(Get("users/me")), IsOk());
  CHECK(world.sink.head.status == 200);
  CHECK(world.budget.pauses == std::vector{milliseconds(2'000)});
  CHECK(world.budget.taken.size() == 2);
}

TEST_CASE("a slot is held until Zoom's answer begins, whatever the answer is", "[zoom-api]") {
  SenderWorld world;
  std::vector<int> held;
  const auto note = [&] { held.push_back(world.budget.held); };
  Exchanged failed = Failure(true);
  Exchanged answered = Answer(200, {"body"});
  failed.on_head = answered.on_head = note;
  world.zoom.script = {failed, answered};
  world.sink.on_head = note;
  CHECK_THAT(world.Send(Get("users/me")), IsOk());
  CHECK(held == std::vector{1, 1, 0});
  CHECK(world.budget.taken.size() == 2);
  world.intents.failure = Unavailable("DATABASE_UNAVAILABLE", "away");
  CHECK_FALSE(world.Send(Post("a", 0)).ok());
  CHECK(world.budget.held == 0);
}

TEST_CASE("safe requests survive two failures of Zoom, unsafe ones report the first",
          "[zoom-api]") {
  SenderWorld safe;
  safe.zoom.script = {Answer(503), Failure(true), Answer(200)};
  CHECK_THAT(safe.Send(Get("users/me")), IsOk());
  CHECK(safe.sink.head.status == 200);
  SenderWorld unsafe;
  unsafe.zoom.script = {Answer(503)};
  CHECK_THAT(unsafe.Send(Post("a", 0)), IsOk());
  CHECK(unsafe.sink.head.status == 503);
  CHECK(StatesOf(unsafe.intents.endings) == std::vector{IntentState::kUnknown});
  CHECK(unsafe.zoom.requests[0].content_length == 0);
}

TEST_CASE("without its database nothing is changed at Zoom, and reading goes on", "[zoom-api]") {
  SenderWorld world;
  world.intents.failure = Unavailable("DATABASE_UNAVAILABLE", "away");
  CHECK_THAT(world.Send(Post("a", 0)),
             IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  world.intents.failure = Unavailable("COMMIT_UNKNOWN", "who knows");
  CHECK_THAT(world.Send(Post("a", 0)),
             IsError(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
  CHECK(StatesOf(world.intents.endings) == std::vector{IntentState::kNotSent});
  CHECK(world.zoom.requests.empty());
  CHECK_THAT(world.Send(Get("users/me")), IsOk());
}

TEST_CASE("an ending that cannot be written does not spoil the answer", "[zoom-api]") {
  SenderWorld world;
  world.intents.end_failure = Unavailable("DATABASE_UNAVAILABLE", "away");
  CHECK_THAT(world.Send(Post("a", 0)), IsOk());
  CHECK(world.sink.head.status == 200);
}

TEST_CASE("an address that the configuration does not allow gets no token", "[zoom-api]") {
  for (const char* url : {"http://api.zoom.example", "http://localhost:1", "ftp://x", "",
                          "https://user@api.zoom.example"}) {
    SenderWorld world;
    world.tokens.base_url = url;
    CHECK_THAT(world.Send(Get("users/me")),
               IsError(absl::StatusCode::kInternal, "API_BASE_URL_REFUSED"));
    CHECK(world.zoom.requests.empty());
  }
  SenderSettings settings;
  settings.allow_loopback = true;
  SenderWorld local(settings);
  local.tokens.base_url = "http://localhost:1/v2";
  CHECK_THAT(local.Send(Get("users/me")), IsOk());
}

TEST_CASE("unsafe requests need a UUID", "[zoom-api]") {
  SenderWorld world;
  CHECK_THAT(world.Send(Post("a", 0, "")),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK_THAT(world.Send(Post("a", 0, "6FA459EA")),
             IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_CASE("a time that is over before anything was sent leaves nothing behind", "[zoom-api]") {
  SenderWorld world;
  ChunkSource body({});
  CHECK_THAT(world.Send(Post("a", 0), body, world.sink, milliseconds(0)),
             IsError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED"));
  CHECK(world.zoom.requests.empty());
}

TEST_CASE("a safe transfer ends with the caller's time, an unsafe one has its own", "[zoom-api]") {
  SenderWorld world;
  ChunkSource body({});
  CHECK_THAT(world.Send(Get("users/me"), body, world.sink, milliseconds(5'000)), IsOk());
  CHECK_THAT(world.Send(Post("a", 0), body, world.sink, milliseconds(5'000)), IsOk());
  CHECK(world.zoom.requests[0].timeout <= milliseconds(5'000));
  CHECK(world.zoom.requests[1].timeout == SenderSettings().timeout);
}

TEST_CASE(
    "a caller who leaves ends a safe request, and an unsafe one only once its outcome is known",
    "[zoom-api]") {
  const auto leave = [](SenderWorld& world, ApiRequest request) {
    ZoomSender sender(world.zoom, world.tokens, world.budget, world.book, world.settings, world.log,
                      world.metrics);
    boost::asio::io_context io;
    boost::asio::cancellation_signal signal;
    for (Exchanged& exchanged : world.zoom.script) {
      exchanged.on_head = [&] { signal.emit(boost::asio::cancellation_type::terminal); };
    }
    ChunkSource body({});
    absl::Status sent = Internal("NEVER", "The request did not end.");
    const auto run = [&]() -> awaitable<void> {
      co_await boost::asio::this_coro::throw_if_cancelled(false);
      auto operation = sender.Send(std::move(request), body, world.sink,
                                   Deadline::After(std::chrono::seconds(20)));
      sent = co_await std::move(operation);
    };
    boost::asio::co_spawn(
        io, run, boost::asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
    io.run();
    return sent;
  };
  SenderWorld safe;
  safe.zoom.script = {Failure(true)};
  CHECK_THAT(leave(safe, Get("users/me")), IsError(absl::StatusCode::kCancelled, "CALL_CANCELLED"));
  CHECK(safe.zoom.requests.size() == 1);

  SenderWorld unsafe;
  unsafe.zoom.script = {Answer(401), Answer(201)};
  CHECK_THAT(leave(unsafe, Post("a", 0)), IsOk());
  CHECK(unsafe.zoom.requests.size() == 2);
  CHECK(StatesOf(unsafe.intents.endings) == std::vector{IntentState::kCompleted});
}

TEST_CASE("a user has a bounded number of requests under way", "[zoom-api]") {
  UserGate gate(2);
  const Requester aiko{"demo", "aiko", "", "", ""};
  const Requester ben{"demo", "ben", "", "", ""};
  const UserGate::Pass first = gate.Enter(aiko);
  {
    const UserGate::Pass second = gate.Enter(aiko);
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(gate.Enter(aiko));
    CHECK(gate.Enter(ben));
  }
  CHECK(gate.Enter(aiko));
}

TEST_CASE("SendWhole sends and returns whole bodies within its limit", "[zoom-api]") {
  SenderWorld world;
  world.zoom.script = {Answer(200, {"ab", "cd"}), Answer(200, {"ab", "cde"})};
  ZoomSender sender(world.zoom, world.tokens, world.budget, world.book, world.settings, world.log,
                    world.metrics);
  const auto send = [&] {
    boost::asio::io_context io;
    auto whole = boost::asio::co_spawn(
        io, SendWhole(sender, Get("users/me"), "", 4, Deadline::After(std::chrono::seconds(9))),
        boost::asio::use_future);
    io.run();
    return whole.get();
  };
  const auto answer = send();
  REQUIRE_THAT(answer, IsOk());
  CHECK(answer->body == "abcd");
  CHECK_THAT(send(), IsError(absl::StatusCode::kOutOfRange, "ANSWER_TOO_LARGE"));
}

}  // namespace shodan::zoomapi::testing
