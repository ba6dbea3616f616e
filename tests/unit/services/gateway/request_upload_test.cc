// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/request_upload.h"

#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/services/gateway/fake_zoom_api.h"
#include "tests/unit/services/gateway/run_coroutine.h"

namespace shodan::gateway {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;

struct World {
  FakeBody body;
  std::shared_ptr<FakeExchange> exchange = std::make_shared<FakeExchange>();

  // Starts the upload and gives its failure, if there is one within `limit` after its end.
  absl::Status Failure(milliseconds limit) { return RunCoroutine(FailureOf(*this, limit)); }

  static asio::awaitable<absl::Status> FailureOf(World& world, milliseconds limit) {
    auto upload =
        RequestUpload::Start(co_await asio::this_coro::executor, world.body, world.exchange);
    auto failing = upload->Failure(limit);
    co_return co_await std::move(failing);
  }
};

TEST_CASE("A body is moved piece by piece and then ended; without an answer time runs out") {
  World world;
  world.body.pieces = {"a", "bc", "d"};
  const absl::Status failure = world.Failure(milliseconds(1));

  CHECK(world.exchange->written == "abcd");
  CHECK(world.exchange->finished);
  CHECK(HasReason(failure, "ZOOM_TIMEOUT"));
}

TEST_CASE("A body that breaks off is not ended, and its error is told") {
  World world;
  world.body.pieces = {"a", InvalidArgument("FRAMING_INVALID", "x")};
  const absl::Status failure = world.Failure(minutes(5));

  CHECK(HasReason(failure, "FRAMING_INVALID"));
  CHECK(world.exchange->written == "a");
  CHECK_FALSE(world.exchange->finished);
}

asio::awaitable<void> StopEarly(World& world, bool& stopped) {
  auto executor = co_await asio::this_coro::executor;
  auto upload = RequestUpload::Start(executor, world.body, world.exchange);
  auto pause = net::WaitFor(milliseconds(1));
  co_await std::move(pause);
  auto stopping = upload->Stop();
  co_await std::move(stopping);
  CHECK_FALSE(world.body.reading);
  stopped = true;
  world.exchange->Release();
}

TEST_CASE("Once stopped, an upload reads no more of a body that waits for its client") {
  World world;
  world.body.pieces = {"a"};
  world.body.ends = false;
  bool stopped = false;
  asio::io_context io;
  asio::co_spawn(io, StopEarly(world, stopped), asio::detached);
  io.run();

  CHECK(stopped);
  CHECK(world.exchange->written == "a");
  CHECK_FALSE(world.exchange->finished);
}

TEST_CASE("An upload can be stopped while a piece is on its way, and takes no other") {
  World world;
  world.body.pieces = {"a", "b"};
  world.exchange->takes_pieces = false;
  bool stopped = false;
  asio::io_context io;
  asio::co_spawn(io, StopEarly(world, stopped), asio::detached);
  io.run();

  CHECK(stopped);
  CHECK(world.exchange->written == "a");
}

}  // namespace
}  // namespace shodan::gateway
