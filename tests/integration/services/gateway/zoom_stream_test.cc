// SPDX-License-Identifier: Apache-2.0
// Bodies that pass through: their bounds, and what happens when a side is slow, leaves or breaks.
#include <atomic>
#include <chrono>
#include <future>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/services/gateway/running_gateway.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::zoomapi::v1;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kChunk = 65'536;
constexpr size_t kMiB = size_t{1024} * 1024;
constexpr seconds kPatience{20};

std::string HeadOf(RunningGateway& gateway, const std::string& method, size_t length) {
  return method + " " + kProjectPath + "/zoom/files HTTP/1.1\r\nHost: localhost:8443\r\n" +
         "Authorization: Bearer " + gateway.Token("ann") + "\r\n" +
         (length > 0 ? "Content-Length: " + std::to_string(length) + "\r\n" : "") + "\r\n";
}

// Time that belongs to what a test says, that of a slow peer.
void Pass(milliseconds time) {
  std::promise<void> never;
  never.get_future().wait_for(time);
}

// A stream can end for its handler before the call is known to be cancelled.
bool BecomesCancelled(const grpc::ServerContext& context) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!context.IsCancelled() && std::chrono::steady_clock::now() < end) Pass(milliseconds(1));
  return context.IsCancelled();
}

// Waits until `value` has not moved for a while: whoever moves it is held back, or done.
size_t WhenStill(const std::atomic<size_t>& value) {
  size_t before = value.load();
  int still = 0;
  while (still < 20) {
    Pass(milliseconds(10));
    still = value.load() == before ? still + 1 : 0;
    before = value.load();
  }
  return before;
}

TEST_CASE("20 MiB go to zoom-api and come back unchanged") {
  RunningGateway gateway;
  std::string body(20 * kMiB, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 251);
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "POST", body.size())));
  REQUIRE(client->Send(body));
  const auto response = client->Receive();
  REQUIRE(response.has_value());
  CHECK(response->status == 200);
  CHECK((response->body == body));
}

TEST_CASE("A body that is announced as too large is refused before a byte of it is read") {
  RunningGateway gateway;
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "PUT", 20 * kMiB + 1)));
  const auto response = client->Receive();
  REQUIRE(response.has_value());
  CHECK(ProblemOf(*response) == "413 BODY_TOO_LARGE");
}

TEST_CASE("A zoom-api that takes nothing holds the client back: little of the body is kept") {
  RunningGateway gateway;
  std::atomic<size_t> sent = 0;
  size_t held = 0;
  std::string received;
  gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                             grpc::ServerContext&) {
    held = WhenStill(sent);
    received = FakeZoomApi::ReadBody(stream);
    FakeZoomApi::WriteHead(stream, 204, "", 0);
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  const std::string chunk(kChunk, 'x');
  REQUIRE(client->Send(HeadOf(gateway, "POST", 320 * kChunk)));
  for (int i = 0; i < 320; ++i) {
    REQUIRE(client->Send(chunk));
    sent += kChunk;
  }
  REQUIRE(client->Receive().has_value());
  CHECK(received.size() == 320 * kChunk);
  CHECK(held < 14 * kMiB);  // buffers of the kernel and of gRPC on the way
}

TEST_CASE("A client that takes nothing holds zoom-api back, and is cut off when it stays so") {
  RunningGateway gateway(
      [](Config& config) { config.limits.stall_time_limit = milliseconds(1'000); });
  std::atomic<size_t> written = 0;
  std::promise<bool> ended;
  gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                             grpc::ServerContext& context) {
    FakeZoomApi::WriteHead(stream, 200, "application/octet-stream", -1);
    const std::string chunk(kChunk, 'x');
    bool taken = true;
    while (taken && written < 90 * kMiB) {
      taken = FakeZoomApi::WriteChunk(stream, chunk);
      if (taken) written += kChunk;
    }
    ended.set_value(BecomesCancelled(context));
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "GET", 0)));
  auto end = ended.get_future();
  REQUIRE(end.wait_for(kPatience) == std::future_status::ready);
  CHECK(end.get());
  CHECK(written < 40 * kMiB);
  CHECK_FALSE(client->Receive().has_value());
}

TEST_CASE("A client that is slow but moves gets all of a long answer") {
  RunningGateway gateway(
      [](Config& config) { config.limits.stall_time_limit = milliseconds(2'000); });
  gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                             grpc::ServerContext&) {
    FakeZoomApi::WriteHead(stream, 200, "application/json", 3);
    for (const char* piece : {"a", "b", "c"}) {
      Pass(milliseconds(900));
      FakeZoomApi::WriteChunk(stream, piece);
    }
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "GET", 0)));
  const auto response = client->Receive();
  REQUIRE(response.has_value());
  CHECK(response->body == "abc");
}

TEST_CASE("A body that stops coming ends the request") {
  RunningGateway gateway(
      [](Config& config) { config.limits.stall_time_limit = milliseconds(200); });
  std::promise<std::string> body;
  gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                             grpc::ServerContext& context) {
    std::string received = FakeZoomApi::ReadBody(stream);
    body.set_value(received + (BecomesCancelled(context) ? " cancelled" : ""));
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "POST", 100) + "abc"));
  auto seen = body.get_future();
  REQUIRE(seen.wait_for(kPatience) == std::future_status::ready);
  CHECK(seen.get() == "abc cancelled");
  CHECK_FALSE(client->Receive().has_value());
}

TEST_CASE("When the client leaves, zoom-api learns it, whether the answer has begun or not") {
  for (const bool begun : {false, true}) {
    RunningGateway gateway;
    std::promise<void> started;
    std::promise<void> cancelled;
    gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                               grpc::ServerContext& context) {
      if (begun) FakeZoomApi::WriteHead(stream, 200, "application/json", -1);
      started.set_value();
      if (BecomesCancelled(context)) cancelled.set_value();
      return absl::OkStatus();
    };
    auto client = gateway.Connect();
    REQUIRE(client->Send(HeadOf(gateway, "GET", 0)));
    REQUIRE(started.get_future().wait_for(kPatience) == std::future_status::ready);
    if (begun) {
      // The head is there: the answer has begun for the client too.
      REQUIRE(client->ReceivesHead());
    }
    client.reset();
    CHECK(cancelled.get_future().wait_for(kPatience) == std::future_status::ready);
  }
}

TEST_CASE(
    "An answer that comes before the body is complete is passed on, then the connection ends") {
  RunningGateway gateway;
  gateway.backends().zoom.send_request = [&](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                             grpc::ServerContext&) {
    FakeZoomApi::WriteHead(stream, 401, "application/json", 2);
    FakeZoomApi::WriteChunk(stream, "{}");
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "POST", 1000) + "abc"));
  const auto response = client->Receive();
  REQUIRE(response.has_value());
  CHECK(response->status == 401);
  CHECK(response->body == "{}");
  CHECK(response->Field("connection") == "close");
  CHECK(client->ReadsEnd());
}

TEST_CASE("A refusal that comes while the body is on its way is passed on") {
  RunningGateway gateway;
  gateway.backends().zoom.send_request = [](const v1::RequestHead&, FakeZoomApi::Stream&,
                                            grpc::ServerContext&) {
    return InvalidField("path", "MALFORMED", "must be a path.");
  };
  const std::string body(3 * kChunk, 'x');
  for (int i = 0; i < 50; ++i) {
    const auto client = gateway.Connect();
    client->Send(HeadOf(gateway, "POST", body.size()) +
                 body.substr(0, i % 2 == 0 ? 0 : 3 * kChunk));
    const auto response = client->Receive();
    REQUIRE(response.has_value());
    CHECK(ProblemOf(*response) == "400 INVALID_FIELD path");
  }
}

TEST_CASE("An answer that breaks off does not look like a whole one") {
  RunningGateway gateway;
  for (const int64_t length : {int64_t{-1}, int64_t{100}}) {
    gateway.backends().zoom.send_request =
        [length](const v1::RequestHead&, FakeZoomApi::Stream& stream, grpc::ServerContext&) {
          FakeZoomApi::WriteHead(stream, 200, "application/json", length);
          FakeZoomApi::WriteChunk(stream, "{");
          return Unavailable("ZOOM_UNAVAILABLE", "cut");
        };
    const auto client = gateway.Connect();
    REQUIRE(client->Send(HeadOf(gateway, "GET", 0)));
    CHECK_FALSE(client->Receive().has_value());
  }
}

TEST_CASE("An answer above the limit is broken off") {
  RunningGateway gateway;
  gateway.backends().zoom.send_request = [](const v1::RequestHead&, FakeZoomApi::Stream& stream,
                                            grpc::ServerContext&) {
    FakeZoomApi::WriteHead(stream, 200, "application/json", 3);
    FakeZoomApi::WriteChunk(stream, "more than three");
    return absl::OkStatus();
  };
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "GET", 0)));
  CHECK_FALSE(client->Receive().has_value());
}

TEST_CASE("Requests that follow each other on one connection are answered in order") {
  RunningGateway gateway;
  const auto client = gateway.Connect();
  REQUIRE(client->Send(HeadOf(gateway, "POST", 3) + "one" + HeadOf(gateway, "POST", 3) + "two"));
  for (const char* body : {"one", "two"}) {
    const auto response = client->Receive();
    REQUIRE(response.has_value());
    CHECK(response->body == body);
  }
}

}  // namespace
}  // namespace shodan::gateway
