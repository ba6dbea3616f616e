// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/zoom_handler.h"

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "tests/unit/services/gateway/fake_zoom_api.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

ZoomAnswerHead JsonHead(int status) {
  ZoomAnswerHead head;
  head.status = status;
  head.content_type = "application/json;charset=UTF-8";
  return head;
}

struct World {
  FakeZoomApi zoom;
  FakeBody body;
  RequestContext context;
  milliseconds limit{60'000};

  explicit World(http::Method method = http::Method::kPost) {
    context.request.head.method = method;
    context.request.head.target.raw_query = "a=%20b&c";
    context.request.stream = &body;
    context.parameters.emplace("path", "users/me%2Fx/meetings");
    context.deadline = Deadline::After(std::chrono::minutes(5));
    context.session = Session{"demo", "ann", "Ann", {}, false, {}};
    zoom.exchange->head = JsonHead(201);
  }

  absl::StatusOr<http::Response> Forward() {
    ZoomHandler handler(zoom, limit);
    return RunCoroutine(handler.Forward(context));
  }
};

std::string TextOf(http::BodyStream& stream) {
  std::string text;
  while (true) {
    const auto piece = RunCoroutine(stream.Next());
    if (!piece.ok()) return "broken";
    if (piece->empty()) return text;
    text += *piece;
  }
}

TEST_CASE("A request goes to Zoom as it came, under the caller's key") {
  World world;
  world.body.pieces = {"he", "llo"};
  http::RequestHead& head = world.context.request.head;
  head.content_length = 5;
  head.fields.Add("Content-Type", "text/plain");
  head.fields.Add("Accept", "application/pdf");
  head.fields.Add("Idempotency-Key", kId);
  head.fields.Add("Cookie", "secret");
  world.zoom.exchange->answer = {"{", "}"};
  const auto response = world.Forward();

  REQUIRE(response.ok());
  REQUIRE(world.zoom.requests.size() == 1);
  const ZoomRequest& request = world.zoom.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.path == "users/me%2Fx/meetings");
  CHECK(request.query == "a=%20b&c");
  CHECK(request.content_type == "text/plain");
  CHECK(request.content_length == 5);
  CHECK(request.accept == "application/pdf");
  CHECK(request.request_id == kId);
  CHECK(world.zoom.exchange->written == "hello");
  CHECK(response->status == 201);
  CHECK(response->fields.Get("Shodan-Outcome") == "zoom");
  CHECK(TextOf(*response->stream) == "{}");
}

TEST_CASE("An unsafe request without a key gets a new one, a safe one none") {
  World unsafe;
  REQUIRE(unsafe.Forward().ok());
  CHECK(IsUuid(unsafe.zoom.requests[0].request_id));

  for (const http::Method method : {http::Method::kGet, http::Method::kHead}) {
    World safe(method);
    REQUIRE(safe.Forward().ok());
    CHECK(safe.zoom.requests[0].request_id.empty());
    CHECK(safe.zoom.requests[0].method == http::NameOf(method));
  }
}

TEST_CASE("Fields that cannot be handed on are named") {
  World world;
  http::RequestHead& head = world.context.request.head;
  head.content_length = 1;
  head.fields.Add("Content-Type", "text/\xE9");
  head.fields.Add("Accept", std::string(256, 'a'));
  head.fields.Add("Idempotency-Key", "x");
  const auto fields = FieldsOf(world.Forward().status());

  REQUIRE(fields.size() == 3);
  CHECK(fields[0].field == "Content-Type");
  CHECK(fields[1].field == "Accept");
  CHECK(fields[2].field == "Idempotency-Key");
  CHECK(world.zoom.requests.empty());
}

TEST_CASE("A body in chunks is collected to know its length, up to 1 MiB") {
  World world;
  world.context.request.head.chunked = true;
  world.body.pieces = {std::string(50'000, 'a'), std::string(50'000, 'b')};
  REQUIRE(world.Forward().ok());
  CHECK(world.zoom.requests[0].content_length == 100'000);
  CHECK(world.zoom.exchange->written.size() == 100'000);

  World large;
  large.context.request.head.chunked = true;
  large.body.pieces = {std::string(kCollectedBodyBytesMax, 'a'), "b"};
  CHECK(HasReason(large.Forward().status(), "LENGTH_REQUIRED"));
  CHECK(large.zoom.requests.empty());
}

TEST_CASE("An answer that comes before the body is complete is passed on") {
  World world;
  world.body.pieces = {"a"};
  world.body.ends = false;
  world.zoom.exchange->answers_early = true;
  world.zoom.exchange->head = JsonHead(413);
  const auto response = world.Forward();

  REQUIRE(response.ok());
  CHECK(response->status == 413);
  CHECK_FALSE(world.zoom.exchange->cancelled);
  CHECK_FALSE(world.body.reading);
}

TEST_CASE("Our own errors are passed on as errors") {
  World world;
  world.zoom.exchange->head = FailedPrecondition("RECONNECT_REQUIRED", "Connect again.");
  CHECK(HasReason(world.Forward().status(), "RECONNECT_REQUIRED"));
}

TEST_CASE("A body that breaks off ends the request") {
  World world;
  world.body.pieces = {"a", InvalidArgument("FRAMING_INVALID", "x")};
  CHECK(HasReason(world.Forward().status(), "FRAMING_INVALID"));
  CHECK(world.zoom.exchange->cancelled);
}

TEST_CASE("A client that leaves ends the request") {
  World world;
  world.zoom.exchange->answers = false;
  world.body.left.Set();
  CHECK(world.Forward().status().code() == absl::StatusCode::kCancelled);
  CHECK(world.zoom.exchange->cancelled);
}

TEST_CASE("Without an answer in time a safe request has failed, of an unsafe one nobody knows") {
  for (const auto& [method, reason] : {std::pair(http::Method::kGet, "ZOOM_TIMEOUT"),
                                       std::pair(http::Method::kPost, "OUTCOME_UNKNOWN")}) {
    World world(method);
    world.zoom.exchange->answers = false;
    world.limit = milliseconds(1);
    CHECK(HasReason(world.Forward().status(), reason));
    CHECK(world.zoom.exchange->cancelled);
  }
}

TEST_CASE("Of Zoom's fields those pass that are listed, with values that are plain text") {
  ZoomAnswerHead head = JsonHead(429);
  head.headers = {{"x-zm-trackingid", "v=2.0"},
                  {"x-ratelimit-limit", "30"},
                  {"retry-after", "2026-01-01T00:00:00Z"},
                  {"set-cookie", "a=b"},
                  {"location", "https://evil.example"},
                  {"content-security-policy", "x"},
                  {"etag", "a\r\nset-cookie: b"},
                  {"shodan-outcome", "ours"}};
  const auto response = PassOn(head, nullptr);

  REQUIRE(response.ok());
  CHECK(response->fields.Get("x-zm-trackingid") == "v=2.0");
  CHECK(response->fields.Get("x-ratelimit-limit") == "30");
  CHECK(response->fields.Get("retry-after") == "2026-01-01T00:00:00Z");
  CHECK(response->fields.Get("Shodan-Outcome") == "zoom");
  for (const char* name : {"set-cookie", "location", "content-security-policy", "etag"}) {
    CHECK_FALSE(response->fields.Has(name));
  }
}

TEST_CASE("Content that is not JSON is a sandboxed attachment, whatever Zoom says") {
  const std::pair<const char*, bool> table[] = {{"application/json", true},
                                                {"application/json; charset=utf-8", true},
                                                {"application/problem+json", true},
                                                {"text/html", false},
                                                {"text/html; a=application/json", false},
                                                {"image/svg+xml", false},
                                                {"", false}};
  for (const auto& [type, json] : table) {
    INFO(type);
    ZoomAnswerHead head = JsonHead(200);
    head.content_type = type;
    head.headers = {{"content-disposition", "inline; filename=\"a.html\""}};
    const auto response = PassOn(head, nullptr);
    REQUIRE(response.ok());
    CHECK(response->fields.Has("Content-Security-Policy") != json);
    CHECK(response->fields.Get("Content-Disposition") ==
          (json ? "inline; filename=\"a.html\"" : "attachment; filename=\"a.html\""));
    CHECK_FALSE(response->fields.Get("Content-Type").empty());
  }
}

TEST_CASE("Answers that cannot be passed on are told apart") {
  ZoomAnswerHead large = JsonHead(200);
  large.content_length = static_cast<int64_t>(kZoomAnswerBytesMax) + 1;
  CHECK(HasReason(PassOn(large, nullptr).status(), "ANSWER_TOO_LARGE"));
  for (const int status : {0, 101, 600}) {
    CHECK(HasReason(PassOn(JsonHead(status), nullptr).status(), "ANSWER_INVALID"));
  }
  ZoomAnswerHead broken = JsonHead(200);
  broken.content_type = "text/html\r\nset-cookie: a=b";
  CHECK(HasReason(PassOn(broken, nullptr).status(), "ANSWER_INVALID"));
}

}  // namespace
}  // namespace shodan::gateway
