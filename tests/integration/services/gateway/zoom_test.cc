// SPDX-License-Identifier: Apache-2.0
// Zoom's API through the gateway: what passes and what does not.
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::zoomapi::v1;

constexpr char kId[] = "0a1b2c3d-0000-4000-8000-0123456789ab";

std::string Path(const std::string& rest) { return std::string(kProjectPath) + "/zoom/" + rest; }

// Remembers the head of the last request and answers by a head of its own. Outlives the gateway: a
// call may go on when its answer is already there.
struct Recorder {
  void Serve(RunningGateway& gateway) {
    gateway.backends().zoom.send_request =
        [this](const v1::RequestHead& seen, FakeZoomApi::Stream& stream, grpc::ServerContext&) {
          head = seen;
          body = FakeZoomApi::ReadBody(stream);
          if (!error.ok()) return error;
          FakeZoomApi::WriteHead(stream, status, content_type, content_length);
          if (!answer.empty()) FakeZoomApi::WriteChunk(stream, answer);
          return absl::OkStatus();
        };
  }

  v1::RequestHead head;
  std::string body;
  absl::Status error;
  int status = 200;
  std::string content_type = "application/json";
  int64_t content_length = -1;
  std::string answer;
};

RequestText Request(RunningGateway& gateway, const std::string& method, const std::string& path) {
  return {method, Path(path), {"Authorization: Bearer " + gateway.Token("ann")}, ""};
}

TEST_CASE("Method, raw path, raw query, type and key reach zoom-api; Zoom's answer comes back") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  zoom.status = 418;
  zoom.answer = R"({"code":300})";
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    RequestText request =
        Request(gateway, method, "past_meetings/%2Fab%252F%3D%3D/x%20y?a=b%20c&d=e+f&a=");
    request.fields.emplace_back("Content-Type: application/x; a=b");
    request.fields.emplace_back("Accept: text/csv");
    request.fields.emplace_back(std::string("Idempotency-Key: ") + kId);
    request.body = "hello";
    const auto response = gateway.Send(request);

    CHECK(zoom.head.method() == method);
    CHECK(zoom.head.path() == "past_meetings/%2Fab%252F%3D%3D/x%20y");
    CHECK(zoom.head.query() == "a=b%20c&d=e+f&a=");
    CHECK(zoom.head.content_type() == "application/x; a=b");
    CHECK(zoom.head.content_length() == 5);
    CHECK(zoom.head.accept() == "text/csv");
    CHECK(zoom.head.request_id() == kId);
    CHECK(zoom.head.project_id() == "demo");
    CHECK(zoom.head.user_id() == "ann");
    CHECK(zoom.body == "hello");
    CHECK(response.status == 418);
    CHECK(response.body == R"({"code":300})");
    CHECK(response.Field("transfer-encoding") == "chunked");
    CHECK(response.Field("shodan-outcome") == "zoom");
    CHECK(response.Field("x-zm-trackingid") == "v=2.0;clid=us02");
    CHECK(response.Field("cache-control") == "no-store");
    CHECK(response.Field("x-content-type-options") == "nosniff");
  }
}

TEST_CASE("A body in chunks reaches zoom-api with its length") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  const auto client = gateway.Connect();
  RequestText request = Request(gateway, "POST", "users/me/meetings");
  request.fields.emplace_back("Transfer-Encoding: chunked");
  REQUIRE(client->Send(TextOf(request) + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  REQUIRE(client->Receive().has_value());
  CHECK(zoom.head.content_length() == 5);
  CHECK(zoom.body == "abcde");
}

TEST_CASE("HEAD asks Zoom by HEAD; answers without a body leave the connection usable") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  zoom.content_length = 1234;
  const auto client = gateway.Connect();
  REQUIRE(client->Send(TextOf(Request(gateway, "HEAD", "users/me"))));
  const auto head = client->Receive(true);
  REQUIRE(head.has_value());
  CHECK(head->Field("content-length") == "1234");
  CHECK(zoom.head.method() == "HEAD");
  CHECK(zoom.head.request_id().empty());

  zoom.status = 204;
  zoom.content_type = "";
  zoom.content_length = -1;
  REQUIRE(client->Send(TextOf(Request(gateway, "DELETE", "meetings/7"))));
  const auto deleted = client->Receive();
  REQUIRE(deleted.has_value());
  CHECK(deleted->status == 204);
  CHECK(deleted->Field("transfer-encoding").empty());
  CHECK(zoom.head.request_id().size() == 36);

  zoom.status = 200;
  zoom.content_length = 2;
  zoom.answer = "{}";
  REQUIRE(client->Send(TextOf(Request(gateway, "GET", "users/me"))));
  const auto last = client->Receive();
  REQUIRE(last.has_value());
  CHECK(last->Field("content-length") == "2");
  CHECK(last->body == "{}");
}

TEST_CASE("To a client of HTTP/1.0 the end of the connection ends an answer of unknown length") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  zoom.answer = "{}";
  const auto client = gateway.Connect();
  std::string text = TextOf(Request(gateway, "GET", "users/me"));
  text.replace(text.find("HTTP/1.1"), 8, "HTTP/1.0");
  REQUIRE(client->Send(text));
  const auto response = client->Receive();
  REQUIRE(response.has_value());
  CHECK(response->Field("transfer-encoding").empty());
  CHECK(response->Field("connection") == "close");
  CHECK(client->ReadsEnd());
}

TEST_CASE("What is not JSON comes as a sandboxed attachment") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  zoom.content_type = "text/html";
  zoom.answer = "<script>alert(1)</script>";
  const auto response = gateway.Send(Request(gateway, "GET", "files/1"));
  CHECK(response.Field("content-type") == "text/html");
  CHECK(response.Field("content-disposition") == "attachment");
  CHECK(response.Field("content-security-policy") == "sandbox; default-src 'none'");
  CHECK(response.Field("x-content-type-options") == "nosniff");
}

TEST_CASE("Our own errors are problem documents without the mark of Zoom's answers") {
  Recorder zoom;
  RunningGateway gateway;
  zoom.Serve(gateway);
  zoom.error = MakeError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED",
                         "Connect again.", {{"cause", "revoked"}});
  const auto reconnect = gateway.Send(Request(gateway, "GET", "users/me"));
  CHECK(ProblemOf(reconnect) == "409 RECONNECT_REQUIRED");
  CHECK(JsonOf(reconnect).at("cause") == "revoked");
  CHECK(reconnect.Field("shodan-outcome").empty());

  zoom.error = Unavailable("ZOOM_UNAVAILABLE", "Later.");
  CHECK(ProblemOf(gateway.Send(Request(gateway, "GET", "users/me"))) == "503 ZOOM_UNAVAILABLE");
  zoom.error = Aborted("OUTCOME_UNKNOWN", "Look.");
  CHECK(ProblemOf(gateway.Send(Request(gateway, "POST", "x"))) == "409 OUTCOME_UNKNOWN");
  zoom.error = absl::OkStatus();
  zoom.status = 0;
  CHECK(ProblemOf(gateway.Send(Request(gateway, "GET", "users/me"))) == "502 ANSWER_INVALID");
}

TEST_CASE("Without zoom-api its routes answer 503 and the others go on") {
  RunningGateway gateway([](Config& config) { config.backends.zoom_api = "localhost:1"; });
  for (const char* method : {"GET", "POST"}) {
    const auto response = gateway.Send(Request(gateway, method, "users/me"));
    CHECK(ProblemOf(response) == "503 UPSTREAM_UNAVAILABLE");
    CHECK_FALSE(response.Field("retry-after").empty());
  }
  CHECK(gateway.As("ann", "GET", std::string(kProjectPath) + "/session").status == 200);
  CHECK(gateway.gateway().WhyNotReady().empty());
}

TEST_CASE("A request needs a session, an origin of the project, and a path that is one") {
  RunningGateway gateway;
  CHECK(ProblemOf(gateway.Get(Path("users/me"))) == "401 SESSION_REQUIRED");
  RequestText foreign{
      "POST", Path("x"), {"Cookie: __Host-shodan-session=" + gateway.Token("ann")}, ""};
  CHECK(ProblemOf(gateway.Send(foreign)) == "403 ORIGIN_NOT_ALLOWED");
  for (const char* path : {"..", "%2e%2e/x", "a//b", "a/%00", "a\\b", "%ff"}) {
    CHECK(ProblemOf(gateway.Send(Request(gateway, "GET", path))) == "400 TARGET_INVALID");
  }
  RequestText repeated = Request(gateway, "POST", "x");
  for (int i = 0; i < 2; ++i) repeated.fields.emplace_back(std::string("Idempotency-Key: ") + kId);
  CHECK(ProblemOf(gateway.Send(repeated)) == "400 HEAD_MALFORMED");
}

TEST_CASE("Requests that Zoom answers have a limit of their own for each user") {
  RunningGateway gateway([](Config& config) { config.rates.zoom_per_user_per_minute = 1; });
  CHECK(gateway.Send(Request(gateway, "GET", "users/me")).status == 200);
  CHECK(ProblemOf(gateway.Send(Request(gateway, "GET", "users/me"))) == "429 RATE_LIMITED");
  CHECK(gateway.As("ann", "GET", std::string(kProjectPath) + "/session").status == 200);
}

TEST_CASE("Scripts of a project's origin may send the key and read Zoom's fields") {
  RunningGateway gateway;
  const auto preflight =
      gateway.Send({"OPTIONS",
                    Path("users/me"),
                    {std::string("Origin: ") + kOrigin, "Access-Control-Request-Method: PUT"},
                    ""});
  CHECK(preflight.Field("access-control-allow-methods") == "GET, HEAD, POST, PUT, PATCH, DELETE");
  CHECK(preflight.Field("access-control-allow-headers").find("Idempotency-Key") !=
        std::string::npos);
  RequestText request = Request(gateway, "GET", "users/me");
  request.fields.emplace_back(std::string("Origin: ") + kOrigin);
  const std::string exposed = gateway.Send(request).Field("access-control-expose-headers");
  CHECK(exposed.find("Shodan-Outcome") != std::string::npos);
  CHECK(exposed.find("X-Zm-Trackingid") != std::string::npos);
}

}  // namespace
}  // namespace shodan::gateway
