// SPDX-License-Identifier: Apache-2.0
#include "libs/redis/client.h"

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "libs/base/status.h"
#include "tests/integration/libs/redis/test_redis.h"

namespace shodan::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Loop {
 public:
  Loop() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  ~Loop() {
    work_.reset();
    context_.stop();
    thread_.join();
  }

  asio::any_io_executor executor() { return context_.get_executor(); }

  absl::StatusOr<Reply> Run(Commands& client, std::vector<std::string> arguments,
                            milliseconds limit = seconds(10)) {
    return asio::co_spawn(context_, client.Execute(std::move(arguments), limit), asio::use_future)
        .get();
  }

  // The connection is made in the background; commands fail until it is there.
  absl::StatusOr<Reply> RunWhenConnected(Commands& client,
                                         const std::vector<std::string>& arguments) {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (true) {
      absl::StatusOr<Reply> reply = Run(client, arguments);
      if (reply.ok() || std::chrono::steady_clock::now() > end) return reply;
      std::this_thread::yield();
    }
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

TEST_CASE("The client signs in and runs commands over a plain connection") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());

  const auto reply = loop.RunWhenConnected(client, {"ECHO", "a\r\nb"});

  REQUIRE(reply.ok());
  CHECK(reply->text == "a\r\nb");
}

TEST_CASE("The client runs commands over TLS with a checked certificate") {
  Loop loop;
  Client client(loop.executor(), testing::TlsRedis());

  const auto reply = loop.RunWhenConnected(client, {"PING"});

  REQUIRE(reply.ok());
  CHECK(reply->type == Reply::Type::kStatus);
}

TEST_CASE("The client trusts no certificate of another authority and no other host name") {
  Loop loop;
  ClientOptions other_authority = testing::TlsRedis();
  other_authority.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  ClientOptions plain_to_tls = testing::PlainRedis();
  plain_to_tls.port = testing::TlsRedis().port;
  plain_to_tls.connect_time_limit = milliseconds(200);
  for (ClientOptions* options : {&other_authority, &plain_to_tls}) {
    Client client(loop.executor(), std::move(*options));
    for (int i = 0; i < 50; ++i) {
      CHECK(ReasonOf(loop.Run(client, {"PING"}).status()) == "REDIS_UNAVAILABLE");
    }
    CHECK_FALSE(client.connected());
  }
}

TEST_CASE("The client with a wrong password has no connection") {
  Loop loop;
  ClientOptions options = testing::PlainRedis();
  options.password = Secret("wrong");
  Client client(loop.executor(), std::move(options));

  for (int i = 0; i < 50; ++i) {
    CHECK(ReasonOf(loop.Run(client, {"PING"}).status()) == "REDIS_UNAVAILABLE");
  }
}

TEST_CASE("The client matches pipelined replies to their commands") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());
  REQUIRE(loop.RunWhenConnected(client, {"PING"}).ok());

  std::vector<std::future<absl::StatusOr<Reply>>> replies;
  for (int i = 0; i < 500; ++i) {
    replies.push_back(asio::co_spawn(loop.executor(),
                                     client.Execute({"ECHO", std::to_string(i)}, seconds(10)),
                                     asio::use_future));
  }

  for (int i = 0; i < 500; ++i) {
    const auto reply = replies[static_cast<size_t>(i)].get();
    REQUIRE(reply.ok());
    CHECK(reply->text == std::to_string(i));
  }
}

TEST_CASE("An error reply is a reply") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());

  const auto reply = loop.RunWhenConnected(client, {"EVALSHA", std::string(40, '0'), "0"});

  REQUIRE(reply.ok());
  CHECK(reply->type == Reply::Type::kError);
  CHECK(reply->text.rfind("NOSCRIPT", 0) == 0);
}

TEST_CASE("A slow command ends at its time limit and the next reply is not mistaken for its own") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());
  REQUIRE(loop.RunWhenConnected(client, {"PING"}).ok());

  const auto slow = loop.Run(client, {"BLPOP", "no-such-list", "0.3"}, milliseconds(20));
  const auto next = loop.Run(client, {"ECHO", "next"});

  CHECK(ReasonOf(slow.status()) == "REDIS_TIMEOUT");
  REQUIRE(next.ok());
  CHECK(next->text == "next");
}

TEST_CASE("After several time-outs in a row the connection is given up and made anew") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());
  REQUIRE(loop.RunWhenConnected(client, {"PING"}).ok());
  const auto first_id = loop.RunWhenConnected(client, {"CLIENT", "ID"});
  std::vector<std::future<absl::StatusOr<Reply>>> replies;
  for (int i = 0; i < 5; ++i) {
    replies.push_back(asio::co_spawn(
        loop.executor(), client.Execute({"BLPOP", "no-such-list", "30"}, milliseconds(20)),
        asio::use_future));
  }
  for (auto& reply : replies) CHECK_FALSE(reply.get().ok());

  const auto second_id = loop.RunWhenConnected(client, {"CLIENT", "ID"});

  REQUIRE(second_id.ok());
  CHECK(second_id->integer != first_id->integer);
}

TEST_CASE("Commands in flight fail when the connection dies, and later ones work again") {
  Loop loop;
  Client client(loop.executor(), testing::PlainRedis());
  Client killer(loop.executor(), testing::PlainRedis());
  const auto id = loop.RunWhenConnected(client, {"CLIENT", "ID"});
  REQUIRE(id.ok());
  auto blocked =
      asio::co_spawn(loop.executor(), client.Execute({"BLPOP", "no-such-list", "30"}, seconds(20)),
                     asio::use_future);

  REQUIRE(
      loop.RunWhenConnected(killer, {"CLIENT", "KILL", "ID", std::to_string(id->integer)}).ok());

  CHECK(ReasonOf(blocked.get().status()) == "REDIS_UNAVAILABLE");
  CHECK(loop.RunWhenConnected(client, {"PING"}).ok());
}

TEST_CASE("Without a server commands fail at once") {
  Loop loop;
  asio::io_context context;
  const asio::ip::tcp::acceptor bound_only(
      context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  ClientOptions options;
  options.host = "127.0.0.1";
  options.port = bound_only.local_endpoint().port();
  options.connect_time_limit = milliseconds(100);
  options.password = Secret("never read");
  Client client(loop.executor(), std::move(options));

  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    CHECK(ReasonOf(loop.Run(client, {"PING"}).status()) == "REDIS_UNAVAILABLE");
  }
  CHECK(std::chrono::steady_clock::now() - started < seconds(10));
}

}  // namespace
}  // namespace shodan::redis
