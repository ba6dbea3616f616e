// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/channel.h"

#include <atomic>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <google/protobuf/empty.pb.h>
#include <grpcpp/impl/codegen/client_unary_call.h>

#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::RpcWorld;

absl::Status Down() { return Unavailable("ZOOM_UNAVAILABLE", "Repeat the call."); }

/// The answer of the standard health service, as its raw bytes.
std::string Health(const std::shared_ptr<grpc::Channel>& channel) {
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "", "");
  // Read as a message without fields, the answer keeps its bytes as unknown fields.
  google::protobuf::Empty response;
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall<google::protobuf::Empty, google::protobuf::Empty,
                                        grpc::protobuf::MessageLite, grpc::protobuf::MessageLite>(
          channel.get(), method, &context, google::protobuf::Empty(), &response);
  return status.ok() ? response.SerializeAsString() : status.error_message();
}

TEST_CASE_METHOD(RpcWorld,
                 "A method marked idempotent is repeated while the service is unavailable") {
  std::atomic<int> attempts = 0;
  service.get_profile =
      [&](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetProfileResponse> {
    if (++attempts < 3) return Down();
    return testing::v1::GetProfileResponse();
  };

  CHECK_THAT(CallAs("own"), IsOk());
  CHECK(attempts == 3);
}

TEST_CASE_METHOD(RpcWorld, "A method marked idempotent is given up after three attempts") {
  std::atomic<int> attempts = 0;
  service.get_profile =
      [&](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetProfileResponse> {
    ++attempts;
    return Down();
  };

  CHECK_THAT(CallAs("own"), IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(attempts == 3);
}

TEST_CASE_METHOD(RpcWorld, "Other errors are answers and not repeated") {
  std::atomic<int> attempts = 0;
  service.get_profile =
      [&](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetProfileResponse> {
    ++attempts;
    return NotFound("GRANT_NOT_FOUND", "The user is not connected.");
  };

  CHECK_THAT(CallAs("own"), IsError(absl::StatusCode::kNotFound, "GRANT_NOT_FOUND"));
  CHECK(attempts == 1);
}

TEST_CASE_METHOD(RpcWorld, "A method that is not marked is never repeated") {
  std::atomic<int> attempts = 0;
  service.get_access_token =
      [&](const rpc::CallContext&) -> absl::StatusOr<testing::v1::GetAccessTokenResponse> {
    ++attempts;
    return Down();
  };
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "", "");
  testing::v1::GetAccessTokenResponse response;

  const grpc::Status status = testing::v1::TokenVaultService::NewStub(ChannelOf("own"))
                                  ->GetAccessToken(&context, {}, &response);

  CHECK_THAT(rpc::FromGrpcStatus(status),
             IsError(absl::StatusCode::kUnavailable, "ZOOM_UNAVAILABLE"));
  CHECK(attempts == 1);
}

TEST_CASE_METHOD(RpcWorld, "A request of more than a mebibyte is refused") {
  testing::ClientCall call;
  call.user_id = std::string(1 << 20, 'x');

  CHECK(Call(ChannelOf("own"), call).error_code() == grpc::RESOURCE_EXHAUSTED);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "Health is serving from the start and says when that ends") {
  const auto channel = ChannelOf("anybody");
  CHECK(Health(channel) == std::string("\x08\x01"));

  server->SetServing(false);

  CHECK(Health(channel) == std::string("\x08\x02"));
}

TEST_CASE_METHOD(RpcWorld, "An address that is taken is reported") {
  const auto second =
      rpc::Server::Start("127.0.0.1:" + std::to_string(server->port()), server_files, {&service});

  CHECK_THAT(second, IsError(absl::StatusCode::kUnavailable, "LISTEN_FAILED"));
}

TEST_CASE_METHOD(RpcWorld, "A server that ends lets a running call finish and takes no other") {
  std::thread drain;
  service.get_profile = [&](const rpc::CallContext&) {
    drain = std::thread([&] { server->Drain(std::chrono::seconds(20)); });
    // Until nobody listens any more.
    while (Health(ChannelOf("anybody")).size() == 2) {
    }
    ++calls;
    return testing::v1::GetProfileResponse();
  };

  const grpc::Status status = Call(ChannelOf("own"));

  drain.join();
  CHECK_THAT(rpc::FromGrpcStatus(status), IsOk());
  CHECK(calls == 1);
}

}  // namespace
}  // namespace shodan
