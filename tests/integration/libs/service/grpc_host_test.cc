// SPDX-License-Identifier: Apache-2.0
#include "libs/service/grpc_host.h"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include "shodan/calllink/v1/call_link_service.grpc.pb.h"

#include "libs/config/config_reader.h"
#include "libs/rpc/channel.h"
#include "tests/integration/libs/service/http_get.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/support/status_matchers.h"

namespace shodan::service {
namespace {

using calllink::v1::BuildCallLinkRequest;
using calllink::v1::BuildCallLinkResponse;
using calllink::v1::CallLinkService;
using testing::HttpGet;
using testing::IsError;
using testing::IsOk;
using testing::TestAuthority;

constexpr HostLimits kLimits{.worker_threads = 2, .max_queued_calls = 4};

CommonConfig Common() {
  CommonConfig common;
  common.log_level = LogLevel::kError;
  common.admin_listen = "127.0.0.1:0";
  return common;
}

GrpcConfig Grpc(const TestAuthority& authority, const std::string& listen = "127.0.0.1:0") {
  GrpcConfig grpc;
  grpc.listen = listen;
  grpc.tls = authority.Issue("call-link");
  grpc.policy = *rpc::Policy::Parse(*ReadFile(SHODAN_SOURCE_DIR "/services/policy.json"));
  grpc.assertion_keys = *jwt::KeySet::Parse(*ReadFile(authority.AssertionKeysFile()));
  return grpc;
}

std::unique_ptr<GrpcHost> NewHost(const CommonConfig& common, GrpcConfig grpc) {
  auto host = GrpcHost::Create("call-link", common, std::move(grpc), kLimits);
  REQUIRE_THAT(host, IsOk());
  return *std::move(host);
}

grpc::Status Call(const TestAuthority& authority, int port) {
  const auto stub = CallLinkService::NewStub(authority.Connect(port, "gateway"));
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "", "");
  BuildCallLinkResponse response;
  return stub->BuildCallLink(&context, {}, &response);
}

TEST_CASE("A started host is ready, and its port file names the bound ports") {
  const TestAuthority authority;
  CommonConfig common = Common();
  common.port_file = (authority.directory().path() / "ports.json").string();
  const auto host = NewHost(common, Grpc(authority));
  CallLinkService::CallbackService service;

  REQUIRE_THAT(host->Start({&service}), IsOk());

  CHECK(*ReadFile(*common.port_file) == "{\"grpc\":" + std::to_string(host->grpc_port()) +
                                            ",\"admin\":" + std::to_string(host->admin_port()) +
                                            "}\n");
  CHECK(HttpGet(host->admin_port(), "/readyz").starts_with("HTTP/1.1 200"));
  CHECK(HttpGet(host->admin_port(), "/healthz").starts_with("HTTP/1.1 200"));
  CHECK(Call(authority, host->grpc_port()).error_code() == grpc::StatusCode::UNIMPLEMENTED);
}

TEST_CASE("A host is not ready while the service says what is missing") {
  const TestAuthority authority;
  const auto host = NewHost(Common(), Grpc(authority));
  CallLinkService::CallbackService service;
  std::string missing = "database";

  REQUIRE_THAT(host->Start({&service}, [&missing] { return missing; }), IsOk());

  const std::string answer = HttpGet(host->admin_port(), "/readyz");
  CHECK(answer.starts_with("HTTP/1.1 503"));
  CHECK(answer.find("database") != std::string::npos);
  CHECK(HttpGet(host->admin_port(), "/healthz").starts_with("HTTP/1.1 200"));
}

TEST_CASE("A stopped host listens no more and may be stopped again") {
  const TestAuthority authority;
  const auto host = NewHost(Common(), Grpc(authority));
  CallLinkService::CallbackService service;
  REQUIRE_THAT(host->Start({&service}), IsOk());
  const int admin_port = host->admin_port();

  host->Stop();
  host->Stop();

  CHECK(HttpGet(admin_port, "/healthz").empty());
  CHECK(host->grpc_port() == 0);
}

TEST_CASE("A taken port is an error that names the address") {
  const TestAuthority authority;
  const auto first = NewHost(Common(), Grpc(authority));
  CallLinkService::CallbackService service;
  REQUIRE_THAT(first->Start({&service}), IsOk());
  const std::string taken = "127.0.0.1:" + std::to_string(first->grpc_port());
  const auto second = NewHost(Common(), Grpc(authority, taken));

  const absl::Status status = second->Start({&service});

  REQUIRE_THAT(status, IsError(absl::StatusCode::kUnavailable, "LISTEN_FAILED"));
  CHECK(std::string(status.message()).find(taken) != std::string::npos);
}

TEST_CASE("A port file that cannot be written stops the host again") {
  const TestAuthority authority;
  CommonConfig common = Common();
  common.port_file = "/nonexistent/ports.json";
  const auto host = NewHost(common, Grpc(authority));
  CallLinkService::CallbackService service;

  CHECK_THAT(host->Start({&service}),
             IsError(absl::StatusCode::kUnavailable, "PORT_FILE_UNWRITABLE"));
  CHECK(host->grpc_port() == 0);
}

/// Answers when the test lets it.
class WaitingService final : public CallLinkService::CallbackService {
 public:
  explicit WaitingService(const rpc::ServiceRuntime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* BuildCallLink(grpc::CallbackServerContext* context,
                                          const BuildCallLinkRequest* request,
                                          BuildCallLinkResponse* response) override {
    return rpc::RunUnary(
        context, runtime_, "/shodan.calllink.v1.CallLinkService/BuildCallLink", request, response,
        [this](const rpc::CallContext&,
               const BuildCallLinkRequest&) -> absl::StatusOr<BuildCallLinkResponse> {
          entered_.set_value();
          released_.get_future().wait();
          return BuildCallLinkResponse();
        });
  }

  /// False when no call came within half a minute.
  bool WaitForCall() {
    return entered_.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  }
  void Release() { released_.set_value(); }

 private:
  const rpc::ServiceRuntime& runtime_;
  std::promise<void> entered_;
  std::promise<void> released_;
};

TEST_CASE("While draining the host is not ready, and running calls are finished") {
  const TestAuthority authority;
  const auto host = NewHost(Common(), Grpc(authority));
  WaitingService service(host->runtime());
  REQUIRE_THAT(host->Start({&service}), IsOk());
  const int port = host->grpc_port();
  const int admin_port = host->admin_port();
  std::future<grpc::Status> call =
      std::async(std::launch::async, [&] { return Call(authority, port); });
  REQUIRE(service.WaitForCall());

  std::jthread stopping([&] { host->Stop(); });
  std::string readiness;
  while (!readiness.starts_with("HTTP/1.1 503")) readiness = HttpGet(admin_port, "/readyz");
  CHECK(readiness.find("draining") != std::string::npos);
  service.Release();

  CHECK(call.get().ok());
}

}  // namespace
}  // namespace shodan::service
