// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include "tests/integration/libs/https_client/stream_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Exchange;
using testing::IsError;
using testing::IsOk;
using testing::StreamOutcome;
using testing::StreamWorld;
using testing::TlsConnection;
using testing::TlsServer;

// More than the sockets of both sides hold.
constexpr int64_t kMuch = 64 << 20;
constexpr int64_t kHeldMax = 16 << 20;
constexpr char kMuchAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n";

struct Written {
  Written() = default;
  absl::Status error;
  int64_t bytes = 0;
};

asio::awaitable<Written> WriteUntilError(HttpsStream& stream) {
  Written written;
  while (written.error.ok() && written.bytes < kMuch) {
    std::string chunk(64 << 10, 'x');
    written.error = co_await stream.Write(std::move(chunk));
    if (written.error.ok()) written.bytes += 64 << 10;
  }
  co_return written;
}

asio::awaitable<absl::Status> AwaitHead(HttpsStream& stream) {
  const absl::StatusOr<HttpsStreamHead> head = co_await stream.ReadHead();
  co_return head.status();
}

TEST_CASE_METHOD(StreamWorld, "A server that reads nothing holds its writer, and is given up") {
  std::promise<void> given_up;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadHead();
    given_up.get_future().wait();
  });
  HttpsStreamRequest request = Request(server.Url("/"), "POST");
  request.content_length = kMuch;
  request.stall_timeout = milliseconds(500);
  const std::unique_ptr<HttpsStream> stream = client->Start(std::move(request));

  const Written written = Run(WriteUntilError(*stream));
  given_up.set_value();

  CHECK_THAT(written.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK(written.bytes < kHeldMax);
  CHECK(stream->may_have_been_sent());
}

TEST_CASE_METHOD(StreamWorld, "A reader that reads nothing holds the server") {
  std::atomic<int64_t> sent{0};
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write(kMuchAnswer);
    const std::string chunk(64 << 10, 'x');
    while (sent < kMuch && connection.Write(chunk)) sent += 64 << 10;
  });
  HttpsStreamRequest request = Request(server.Url("/"));
  request.stall_timeout = milliseconds(50);
  request.timeout = milliseconds(1'000);
  const std::unique_ptr<HttpsStream> stream = client->Start(std::move(request));
  CHECK_THAT(Run(AwaitHead(*stream)), IsOk());

  // The server ends when the client has given up, which the reader's own slowness is no reason for
  // before the time limit of the whole.
  server.Stop();
  CHECK(sent < kHeldMax);
  const StreamOutcome outcome = Run(Exchange(*stream, ""));
  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK(outcome.body.size() <= 256 << 10);
  CHECK(outcome.body.size() > 128 << 10);
}

TEST_CASE_METHOD(StreamWorld, "A server that falls silent is given up; it may have acted") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning");
    connection.AwaitClose();
  });
  HttpsStreamRequest request = Request(server.Url("/"));
  request.stall_timeout = milliseconds(300);

  const StreamOutcome outcome = Send(std::move(request));

  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kUnavailable, "HTTPS_TIMEOUT"));
  CHECK(outcome.body == "beginning");
  CHECK(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(StreamWorld, "A request is cancelled from another thread") {
  std::promise<void> arrived;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    arrived.set_value();
    connection.AwaitClose();
  });
  const std::unique_ptr<HttpsStream> stream = client->Start(Request(server.Url("/")));
  std::thread canceller([&] {
    arrived.get_future().wait();
    stream->Cancel();
  });

  const StreamOutcome outcome = Run(Exchange(*stream, ""));

  canceller.join();
  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED"));
  CHECK(outcome.may_have_been_sent);
  server.Stop();
}

TEST_CASE_METHOD(StreamWorld, "A request that is cancelled before it left was not sent") {
  TlsServer server(ForLocalhost(), [](TlsConnection& connection) { connection.AwaitClose(); });
  HttpsStreamRequest request = Request("https://localhost:1/");
  const std::unique_ptr<HttpsStream> stream = client->Start(std::move(request));
  stream->Cancel();

  const StreamOutcome outcome = Run(Exchange(*stream, ""));

  CHECK_FALSE(outcome.error.ok());
  CHECK_FALSE(outcome.may_have_been_sent);
}

TEST_CASE_METHOD(StreamWorld, "Cancelling the coroutine that awaits cancels the request") {
  std::promise<void> arrived;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    arrived.set_value();
    connection.AwaitClose();
  });
  const std::unique_ptr<HttpsStream> stream = client->Start(Request(server.Url("/")));
  asio::cancellation_signal signal;
  std::optional<absl::Status> status;
  auto completed = [&](std::exception_ptr, absl::Status value) { status = std::move(value); };
  asio::co_spawn(io, AwaitHead(*stream),
                 asio::bind_cancellation_slot(signal.slot(), std::move(completed)));
  std::thread canceller([&] {
    arrived.get_future().wait();
    asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  });

  io.run();

  canceller.join();
  REQUIRE(status.has_value());
  CHECK_THAT(*status, IsError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED"));
  server.Stop();
}

TEST_CASE_METHOD(StreamWorld, "Dropping a stream ends its connection") {
  std::promise<void> arrived;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    arrived.set_value();
    connection.AwaitClose();
  });
  std::unique_ptr<HttpsStream> stream = client->Start(Request(server.Url("/")));
  arrived.get_future().wait();

  stream.reset();

  // Returns only when the connection is closed.
  server.Stop();
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(StreamWorld,
                 "The client's end is the end of its requests; streams may outlive it") {
  std::promise<void> arrived;
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    connection.ReadRequest();
    arrived.set_value();
    connection.AwaitClose();
  });
  const std::unique_ptr<HttpsStream> stream = client->Start(Request(server.Url("/")));
  arrived.get_future().wait();

  client.reset();

  const StreamOutcome outcome = Run(Exchange(*stream, ""));
  CHECK_THAT(outcome.error, IsError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED"));
  CHECK(outcome.may_have_been_sent);
  server.Stop();
}

TEST_CASE_METHOD(StreamWorld, "200 requests at once answer each for itself") {
  constexpr size_t kRequests = 200;
  std::atomic<int> waiting{0};
  std::promise<void> all_there;
  const std::shared_future<void> together = all_there.get_future().share();
  TlsServer server(ForLocalhost(), [&](TlsConnection& connection) {
    const std::string request = connection.ReadRequest();
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    // Nobody is answered before the last one has asked.
    if (++waiting == kRequests) all_there.set_value();
    together.wait();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body);
  });
  std::vector<std::unique_ptr<HttpsStream>> streams;
  std::vector<std::optional<StreamOutcome>> outcomes(kRequests);
  for (size_t i = 0; i < kRequests; ++i) {
    HttpsStreamRequest request = Request(server.Url("/"), "POST");
    std::string body = "request " + std::to_string(i);
    request.content_length = static_cast<int64_t>(body.size());
    request.timeout = seconds(120);
    request.stall_timeout = seconds(120);
    streams.push_back(client->Start(std::move(request)));
    auto completed = [&outcomes, i](std::exception_ptr, StreamOutcome outcome) {
      outcomes[i] = std::move(outcome);
    };
    asio::co_spawn(io, Exchange(*streams.back(), std::move(body)), std::move(completed));
  }

  io.run();

  for (size_t i = 0; i < kRequests; ++i) {
    REQUIRE(outcomes[i].has_value());
    CHECK_THAT(outcomes[i]->error, IsOk());
    CHECK(outcomes[i]->body == "request " + std::to_string(i));
  }
  server.Stop();
  CHECK(server.connections() == kRequests);
}

}  // namespace
}  // namespace shodan
