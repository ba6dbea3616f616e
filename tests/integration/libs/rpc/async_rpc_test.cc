// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/async_rpc.h"

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "libs/rpc/channel.h"
#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

namespace asio = boost::asio;
using testing::IsOk;
using testing::RpcWorld;

struct Result {
  grpc::Status status;
  testing::v1::GetProfileResponse response;
  std::thread::id completed_on;
};

asio::awaitable<Result> GetProfile(testing::v1::TokenVaultService::Stub& stub) {
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::seconds(20)), "", "");
  const testing::v1::GetProfileRequest request;
  Result result;
  auto start = [&stub, c = context.get(), &request, &result](auto done) {
    stub.async()->GetProfile(c, &request, &result.response, std::move(done));
  };
  auto operation = rpc::AsyncRpc(context, start, asio::use_awaitable);
  result.status = co_await std::move(operation);
  result.completed_on = std::this_thread::get_id();
  co_return result;
}

struct AsyncWorld : RpcWorld {
  AsyncWorld() : stub(testing::v1::TokenVaultService::NewStub(ChannelOf("own"))) {}

  /// Starts the call; its result is there when Run() returns.
  void Start(std::optional<Result>& result) {
    auto completed = [&result](std::exception_ptr error, Result value) {
      REQUIRE(error == nullptr);
      result = std::move(value);
    };
    asio::co_spawn(io, GetProfile(*stub),
                   asio::bind_cancellation_slot(signal.slot(), std::move(completed)));
  }

  std::unique_ptr<testing::v1::TokenVaultService::Stub> stub;
  asio::io_context io;
  asio::cancellation_signal signal;
};

TEST_CASE_METHOD(AsyncWorld, "A coroutine gets the answer of its call on its own executor") {
  service.get_profile = [](const rpc::CallContext&) {
    testing::v1::GetProfileResponse response;
    response.set_generation(7);
    return response;
  };
  std::optional<Result> result;
  Start(result);

  io.run();

  REQUIRE(result.has_value());
  CHECK_THAT(rpc::FromGrpcStatus(result->status), IsOk());
  CHECK(result->response.generation() == 7);
  CHECK(result->completed_on == std::this_thread::get_id());
}

TEST_CASE_METHOD(AsyncWorld, "The executor stays at work while nothing but the call is under way") {
  std::promise<void> release;
  auto released = release.get_future().share();
  service.get_profile = [&](const rpc::CallContext&) {
    released.wait();
    return testing::v1::GetProfileResponse();
  };
  std::optional<Result> result;
  Start(result);

  CHECK(io.poll() > 0);
  CHECK_FALSE(io.stopped());
  CHECK_FALSE(result.has_value());

  release.set_value();
  io.run();
  REQUIRE(result.has_value());
  CHECK_THAT(rpc::FromGrpcStatus(result->status), IsOk());
}

TEST_CASE_METHOD(AsyncWorld,
                 "A cancelled coroutine's call is cancelled at the server and completes") {
  std::promise<void> entered;
  std::promise<void> release;
  auto released = release.get_future().share();
  service.get_profile = [&](const rpc::CallContext&) {
    entered.set_value();
    released.wait();
    return testing::v1::GetProfileResponse();
  };
  std::optional<Result> result;
  Start(result);
  std::thread canceller([&] {
    entered.get_future().wait();
    asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  });

  io.run();

  canceller.join();
  REQUIRE(result.has_value());
  CHECK(result->status.error_code() == grpc::CANCELLED);
  // The handler runs on and needs what it refers to.
  release.set_value();
  server->Drain(std::chrono::seconds(20));
}

TEST_CASE_METHOD(AsyncWorld, "A cancellation after the end of the call does nothing") {
  std::optional<Result> result;
  Start(result);
  io.run();

  signal.emit(asio::cancellation_type::terminal);

  REQUIRE(result.has_value());
  CHECK_THAT(rpc::FromGrpcStatus(result->status), IsOk());
}

TEST_CASE_METHOD(AsyncWorld, "Many calls at once complete each for itself") {
  constexpr int kCalls = 200;
  std::vector<std::optional<Result>> results(kCalls);
  for (std::optional<Result>& result : results) {
    auto completed = [&result](std::exception_ptr, Result value) { result = std::move(value); };
    asio::co_spawn(io, GetProfile(*stub), std::move(completed));
  }

  io.run();

  int good = 0;
  int busy = 0;
  for (const std::optional<Result>& result : results) {
    REQUIRE(result.has_value());
    good += result->status.ok() ? 1 : 0;
    busy += result->status.error_code() == grpc::RESOURCE_EXHAUSTED ? 1 : 0;
  }
  CHECK(good > 0);
  CHECK(good + busy == kCalls);
  CHECK(calls == good);
}

TEST_CASE_METHOD(AsyncWorld, "A call to nobody completes with an error") {
  server->Drain(std::chrono::milliseconds(0));
  std::optional<Result> result;
  Start(result);

  io.run();

  REQUIRE(result.has_value());
  CHECK(result->status.error_code() == grpc::UNAVAILABLE);
}

}  // namespace
}  // namespace shodan
