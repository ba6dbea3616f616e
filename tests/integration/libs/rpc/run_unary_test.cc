// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/run_unary.h"

#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::RpcWorld;

/// How calls ended, in the order in which they did.
class Endings {
 public:
  void Add(absl::Status status) {
    const std::scoped_lock lock(mutex_);
    statuses_.push_back(std::move(status));
    added_.notify_one();
  }
  absl::Status Next() {
    std::unique_lock lock(mutex_);
    added_.wait(lock, [&] { return !statuses_.empty(); });
    absl::Status status = statuses_.front();
    statuses_.pop_front();
    return status;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<absl::Status> statuses_;
};

/// One worker, which is kept busy, and room for one call that waits.
struct BusyWorld : RpcWorld {
  BusyWorld() : RpcWorld(1, 1) {
    service.get_profile = [this](const rpc::CallContext&) {
      if (++calls == 1) entered.set_value();
      released.wait();
      return testing::v1::GetProfileResponse();
    };
    channel = ChannelOf("own");
    first = std::async(std::launch::async, [this] { return Call(channel); });
    entered.get_future().wait();
  }
  std::promise<void> entered;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::shared_ptr<grpc::Channel> channel;
  std::future<grpc::Status> first;
};

TEST_CASE_METHOD(BusyWorld,
                 "A call beyond workers and queue is refused at once with a time to wait") {
  Endings endings;
  std::array<std::thread, 2> clients;
  for (std::thread& client : clients) {
    client = std::thread([&] { endings.Add(rpc::FromGrpcStatus(Call(channel))); });
  }

  const absl::Status refused = endings.Next();

  CHECK_THAT(refused, IsError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"));
  CHECK(RetryAfterOf(refused) == std::chrono::seconds(1));
  release.set_value();
  CHECK_THAT(endings.Next(), IsOk());
  CHECK_THAT(rpc::FromGrpcStatus(first.get()), IsOk());
  for (std::thread& client : clients) client.join();
  CHECK(calls == 2);
}

TEST_CASE_METHOD(BusyWorld,
                 "A call whose caller left while it was queued does not reach its handler") {
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "", "");
  testing::v1::GetProfileRequest request;
  testing::v1::GetProfileResponse response;
  std::promise<grpc::Status> ended;
  service.arrived = nullptr;
  const auto stub = testing::v1::TokenVaultService::NewStub(channel);
  stub->async()->GetProfile(&context, &request, &response,
                            [&](grpc::Status status) { ended.set_value(std::move(status)); });

  // Only a call that the server has, and whose end it has seen, is one whose caller left.
  while (service.arrived == nullptr) std::this_thread::yield();
  context.TryCancel();
  while (!service.arrived.load()->IsCancelled()) std::this_thread::yield();

  CHECK(ended.get_future().get().error_code() == grpc::CANCELLED);
  release.set_value();
  CHECK_THAT(rpc::FromGrpcStatus(first.get()), IsOk());
  server->Drain(std::chrono::seconds(20));
  CHECK(calls == 1);
}

TEST_CASE_METHOD(RpcWorld, "A handler's error is the call's, with reason and domain") {
  service.get_profile =
      [](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetProfileResponse> {
    return MakeError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED",
                     "The user must connect again.", {{"cause", "revoked"}});
  };

  const absl::Status status = CallAs("own");

  CHECK_THAT(status, IsError(absl::StatusCode::kFailedPrecondition, "RECONNECT_REQUIRED"));
  CHECK(status.message() == "The user must connect again.");
  CHECK(MetadataOf(status) == ErrorMetadata{{"cause", "revoked"}});
}

TEST_CASE_METHOD(RpcWorld,
                 "An exception out of a handler is an internal error that tells nothing") {
  service.get_profile =
      [](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetProfileResponse> {
    throw std::runtime_error("canary");
  };

  const absl::Status status = CallAs("own");

  CHECK_THAT(status, IsError(absl::StatusCode::kInternal, "UNEXPECTED"));
  CHECK(std::string(status.message()).find("canary") == std::string::npos);
}

TEST_CASE_METHOD(RpcWorld, "The response is the handler's") {
  service.get_profile = [](const rpc::CallContext&) {
    testing::v1::GetProfileResponse response;
    response.set_generation(7);
    return response;
  };
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "", "");
  testing::v1::GetProfileResponse response;

  const grpc::Status status = testing::v1::TokenVaultService::NewStub(ChannelOf("own"))
                                  ->GetProfile(&context, {}, &response);

  CHECK_THAT(rpc::FromGrpcStatus(status), IsOk());
  CHECK(response.generation() == 7);
}

TEST_CASE_METHOD(RpcWorld, "Calls are counted by method and code, refused ones too") {
  CHECK_THAT(CallAs("own"), IsOk());
  CHECK_FALSE(CallAs("stranger").ok());

  const std::string text = metrics.Render();

  CHECK(text.find("shodan_rpc_server_total{code=\"OK\",method=\"/shodan.tokenvault.v1."
                  "TokenVaultService/GetProfile\"} 1") != std::string::npos);
  CHECK(text.find("code=\"PERMISSION_DENIED\"") != std::string::npos);
}

}  // namespace
}  // namespace shodan
