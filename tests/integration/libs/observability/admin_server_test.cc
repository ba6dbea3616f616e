// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/admin_server.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using testing::IsError;
using testing::IsOk;

// Everything a server answers to `request` until it closes the connection.
std::string Exchange(int port, std::string_view request) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  std::string answer;
  if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(client, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    ssize_t count = 0;
    while ((count = recv(client, buffer, sizeof(buffer), 0)) > 0) {
      answer.append(buffer, static_cast<size_t>(count));
    }
  }
  close(client);
  return answer;
}

class AdminFixture {
 public:
  AdminFixture() {
    auto server = AdminServer::Start("127.0.0.1:0", metrics_, [this] {
      return ready_ ? std::string() : std::string("starting");
    });
    REQUIRE_THAT(server, IsOk());
    server_ = *std::move(server);
  }

  std::string Ask(std::string_view method, std::string_view path) const {
    return Exchange(server_->port(), std::string(method) + " " + std::string(path) +
                                         " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  Metrics metrics_;
  std::atomic<bool> ready_ = true;
  std::unique_ptr<AdminServer> server_;
};

TEST_CASE_METHOD(AdminFixture, "/healthz is 200 while the process runs, ready or not") {
  ready_ = false;
  CHECK_THAT(Ask("GET", "/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE_METHOD(AdminFixture, "/readyz follows readiness and says why not") {
  CHECK_THAT(Ask("GET", "/readyz"), StartsWith("HTTP/1.1 200 OK\r\n"));

  ready_ = false;

  const std::string answer = Ask("GET", "/readyz");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK_THAT(answer, EndsWith("\r\n\r\nstarting\n"));
}

TEST_CASE_METHOD(AdminFixture, "/metrics shows the metrics in Prometheus' text format") {
  metrics_.Count("shodan_test_events_total", "Events.", {}, 5);

  const std::string answer = Ask("GET", "/metrics");

  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(answer, Contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CHECK_THAT(answer, Contains("\nshodan_test_events_total 5\n"));
}

TEST_CASE_METHOD(AdminFixture, "Query parameters do not change what a path means") {
  CHECK_THAT(Ask("GET", "/healthz?verbose=1"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE_METHOD(AdminFixture, "Every other path is 404, also those that lead out of a directory") {
  for (const char* path : {"/", "/healthz/", "/HEALTHZ", "/etc/passwd", "/../../etc/passwd",
                           "/%2e%2e/%2e%2e/etc/passwd", "/index.html"}) {
    CAPTURE(path);
    const std::string answer = Ask("GET", path);

    CHECK_THAT(answer, StartsWith("HTTP/1.1 404 ") || StartsWith("HTTP/1.1 400 "));
    CHECK_THAT(answer, !Contains("root:"));
  }
}

TEST_CASE_METHOD(AdminFixture, "Every other method is refused") {
  for (const char* method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "MKCOL"}) {
    CAPTURE(method);
    CHECK_THAT(Ask(method, "/healthz"), StartsWith("HTTP/1.1 404 "));
  }
}

TEST_CASE_METHOD(AdminFixture, "Bytes that are not HTTP do not disturb the next request") {
  Exchange(server_->port(), "\x16\x03\x01\x02 hello\r\n\r\n");

  CHECK_THAT(Ask("GET", "/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE_METHOD(AdminFixture, "Several clients are served at the same time") {
  std::atomic<int> served = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        if (Ask("GET", "/healthz").starts_with("HTTP/1.1 200 ")) ++served;
      }
    });
  }
  for (std::thread& client : clients) client.join();

  CHECK(served == 80);
}

TEST_CASE_METHOD(AdminFixture, "Stopping closes the port at once") {
  const int port = server_->port();
  const auto begin = std::chrono::steady_clock::now();

  server_.reset();

  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(1500));
  CHECK(Exchange(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").empty());
}

TEST_CASE("An address that cannot be listened on is an error that names it") {
  const Metrics metrics;
  const auto ready = [] { return std::string(); };
  const auto first = AdminServer::Start("127.0.0.1:0", metrics, ready);
  REQUIRE_THAT(first, IsOk());
  const std::string taken = "127.0.0.1:" + std::to_string((*first)->port());

  const auto second = AdminServer::Start(taken, metrics, ready);

  CHECK_THAT(second, IsError(absl::StatusCode::kUnavailable, "ADMIN_LISTEN_FAILED"));
  CHECK_THAT(std::string(second.status().message()), Contains(taken));
}

TEST_CASE("A listening address is \"address:port\" and nothing more") {
  const Metrics metrics;
  for (const char* listen :
       {"", "8080", "127.0.0.1", "127.0.0.1:0,127.0.0.2:0", "127.0.0.1:0s", "127.0.0.1:0r", "+8080",
        "x/path:1", "localhost:0", "[::1]:0", "127.0.0.1:", "127.0.0.1:65536"}) {
    CAPTURE(listen);
    CHECK_THAT(AdminServer::Start(listen, metrics, [] { return std::string(); }),
               IsError(absl::StatusCode::kInvalidArgument, "ADMIN_LISTEN_INVALID"));
  }
}

}  // namespace
}  // namespace shodan
