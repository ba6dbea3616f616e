// SPDX-License-Identifier: Apache-2.0
// The service in this process, over gRPC with mutual TLS.
#include "services/call-link/grpc/call_link_service.h"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include "shodan/calllink/v1/call_link_service.grpc.pb.h"

#include "libs/config/config_reader.h"
#include "libs/rpc/channel.h"
#include "libs/service/grpc_host.h"
#include "tests/integration/libs/service/http_get.h"
#include "tests/integration/libs/service/test_authority.h"
#include "tests/support/status_matchers.h"

namespace shodan::calllink {
namespace {

using testing::HttpGet;
using testing::IsError;
using testing::IsOk;
using testing::TestAuthority;

const google::protobuf::ServiceDescriptor& Descriptor() {
  return *v1::CallLink::descriptor()->file()->FindServiceByName("CallLinkService");
}

rpc::Policy RealPolicy() {
  return *rpc::Policy::Parse(*ReadFile(SHODAN_SOURCE_DIR "/services/policy.json"));
}

/// A running call-link and ways to call it.
class RunningCallLink {
 public:
  RunningCallLink() {
    service::CommonConfig common;
    common.log_level = LogLevel::kError;
    common.admin_listen = "127.0.0.1:0";
    service::GrpcConfig grpc;
    grpc.listen = "127.0.0.1:0";
    grpc.tls = authority_.Issue("call-link");
    grpc.policy = RealPolicy();
    grpc.assertion_keys = *jwt::KeySet::Parse(*ReadFile(authority_.AssertionKeysFile()));
    host_ = *service::GrpcHost::Create("call-link", common, std::move(grpc), {});
    service_ = std::make_unique<CallLinkService>(builder_, host_->runtime());
    REQUIRE_THAT(host_->Start({service_.get()}), IsOk());
  }
  ~RunningCallLink() { host_->Stop(); }

  std::unique_ptr<v1::CallLinkService::Stub> As(const std::string& identity) const {
    return v1::CallLinkService::NewStub(authority_.Connect(port(), identity));
  }

  absl::StatusOr<v1::CallLink> Build(const std::string& number, const std::string& region,
                                     const std::string& identity = "gateway") const {
    grpc::ClientContext context;
    rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "request-1", "");
    v1::BuildCallLinkRequest request;
    request.set_number(number);
    request.set_default_region(region);
    v1::BuildCallLinkResponse response;
    const grpc::Status status = As(identity)->BuildCallLink(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response.call_link();
  }

  absl::StatusOr<v1::BuildCallLinksResponse> BuildMany(const v1::BuildCallLinksRequest& request,
                                                       const std::string& identity = "gateway") {
    grpc::ClientContext context;
    rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "request-2", "");
    v1::BuildCallLinksResponse response;
    const grpc::Status status = As(identity)->BuildCallLinks(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }

  int port() const { return host_->grpc_port(); }
  std::string Metrics() const { return HttpGet(host_->admin_port(), "/metrics"); }

 private:
  TestAuthority authority_;
  CallLinkBuilder builder_;
  std::unique_ptr<service::GrpcHost> host_;
  std::unique_ptr<CallLinkService> service_;
};

TEST_CASE("BuildCallLink answers every field of the link") {
  const RunningCallLink call_link;

  const auto link = call_link.Build("03-1234-5678 ext. 12", "JP");

  REQUIRE_THAT(link, IsOk());
  CHECK(link->call_uri() == "zoomphonecall://+81312345678");
  CHECK(link->tel_uri() == "tel:+81312345678;ext=12");
  CHECK(link->e164() == "+81312345678");
  CHECK(link->national_format() == "03-1234-5678");
  CHECK(link->international_format() == "+81 3-1234-5678");
  CHECK(link->region_code() == "JP");
  CHECK(link->extension() == "12");
  REQUIRE(link->notices_size() == 1);
  CHECK(link->notices(0).reason() == "EXTENSION_NOT_DIALLED");
  CHECK_FALSE(link->notices(0).detail().empty());
}

TEST_CASE("BuildCallLink refuses with the reason, a text for people and the field") {
  const RunningCallLink call_link;
  struct Case {
    std::string number;
    const char* region;
    const char* reason;
    const char* field;
  };
  const Case cases[] = {{"", "JP", "NUMBER_EMPTY", "number"},
                        {std::string(251, '1'), "JP", "NUMBER_TOO_LONG", "number"},
                        {"hello", "JP", "NUMBER_NOT_A_NUMBER", "number"},
                        {"1234", "JP", "NUMBER_TOO_SHORT", "number"},
                        {"(212) 555-01234", "US", "NUMBER_TOO_MANY_DIGITS", "number"},
                        {"03-1234-5678", "", "NUMBER_REGION_REQUIRED", "number"},
                        {"+999 1234 5678", "", "NUMBER_UNKNOWN_COUNTRY_CODE", "number"},
                        {"+47 123 4567", "", "NUMBER_IMPOSSIBLE_LENGTH", "number"},
                        {"110", "JP", "NUMBER_EMERGENCY", "number"},
                        {"03-1234-5678", "XX", "NUMBER_REGION_INVALID", "defaultRegion"}};

  for (const Case& one : cases) {
    INFO(one.reason);

    const auto link = call_link.Build(one.number, one.region);

    REQUIRE_THAT(link, IsError(absl::StatusCode::kInvalidArgument, one.reason));
    CHECK_FALSE(link.status().message().empty());
    const auto fields = FieldsOf(link.status());
    REQUIRE(fields.size() == 1);
    CHECK(fields[0].field == one.field);
    CHECK(fields[0].reason == one.reason);
  }
}

TEST_CASE("BuildCallLinks answers one entry for each number, in their order") {
  RunningCallLink call_link;
  v1::BuildCallLinksRequest request;
  request.set_default_region("JP");
  request.add_numbers("03-1234-5678");
  request.add_numbers("110");
  request.add_numbers("+44 20 7946 0958");
  request.add_numbers("");
  request.add_numbers(std::string(251, '1'));

  const auto response = call_link.BuildMany(request);

  REQUIRE_THAT(response, IsOk());
  REQUIRE(response->entries_size() == 5);
  CHECK(response->entries(0).call_link().e164() == "+81312345678");
  CHECK(response->entries(1).problem().reason() == "NUMBER_EMERGENCY");
  CHECK(response->entries(2).call_link().e164() == "+442079460958");
  CHECK(response->entries(3).problem().reason() == "NUMBER_EMPTY");
  CHECK(response->entries(4).problem().reason() == "NUMBER_TOO_LONG");
  CHECK_FALSE(response->entries(4).problem().detail().empty());
}

TEST_CASE("BuildCallLinks takes 1 to 200 numbers") {
  RunningCallLink call_link;
  v1::BuildCallLinksRequest request;
  request.set_default_region("JP");

  const auto none = call_link.BuildMany(request);
  for (int i = 0; i < 200; ++i) request.add_numbers("03-1234-" + std::to_string(1000 + i));
  const auto most = call_link.BuildMany(request);
  request.add_numbers("03-1234-5678");
  const auto too_many = call_link.BuildMany(request);

  REQUIRE_THAT(none, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(FieldsOf(none.status())[0].field == "numbers");
  REQUIRE_THAT(most, IsOk());
  CHECK(most->entries_size() == 200);
  CHECK(most->entries(199).call_link().e164() == "+81312341199");
  REQUIRE_THAT(too_many, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(FieldsOf(too_many.status())[0].field == "numbers");
}

TEST_CASE("Only the gateway and automation may call, whatever the method") {
  RunningCallLink call_link;
  v1::BuildCallLinksRequest many;
  many.add_numbers("+81312345678");

  for (const char* const identity : {"gateway", "automation"}) {
    CHECK_THAT(call_link.Build("+81312345678", "", identity), IsOk());
    CHECK_THAT(call_link.BuildMany(many, identity), IsOk());
  }
  for (const char* const identity :
       {"token-vault", "call-link", "account-link", "zoom-api", "operator"}) {
    CHECK_THAT(call_link.Build("+81312345678", "", identity),
               IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
    CHECK_THAT(call_link.BuildMany(many, identity),
               IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  }
}

TEST_CASE("A certificate that names no service is refused") {
  const RunningCallLink call_link;

  CHECK_THAT(call_link.Build("+81312345678", "", ""),
             IsError(absl::StatusCode::kUnauthenticated, "PEER_IDENTITY_MISSING"));
}

TEST_CASE("A certificate of another authority does not even connect") {
  const RunningCallLink call_link;
  const TestAuthority stranger;
  const auto stub = v1::CallLinkService::NewStub(stranger.Connect(call_link.port(), "gateway"));
  grpc::ClientContext context;
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "", "");
  v1::BuildCallLinkResponse response;

  const grpc::Status status = stub->BuildCallLink(&context, {}, &response);

  CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("A call without a deadline is refused") {
  const RunningCallLink call_link;
  const auto stub = call_link.As("gateway");
  grpc::ClientContext context;
  v1::BuildCallLinkResponse response;

  const grpc::Status status = stub->BuildCallLink(&context, {}, &response);

  CHECK_THAT(rpc::FromGrpcStatus(status),
             IsError(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED"));
}

TEST_CASE("The policy file lists every method of the service") {
  const rpc::Policy policy = RealPolicy();

  for (int i = 0; i < Descriptor().method_count(); ++i) {
    const auto& method = *Descriptor().method(i);
    CHECK(policy.Lists("/" + Descriptor().full_name() + "/" + method.name()));
  }
}

TEST_CASE("Metrics count numbers by outcome and show none") {
  const RunningCallLink call_link;
  REQUIRE_THAT(call_link.Build("03-1234-5678", "JP"), IsOk());
  REQUIRE_FALSE(call_link.Build("110", "JP").ok());

  const std::string metrics = call_link.Metrics();

  CHECK(metrics.find("shodan_call_link_numbers_total{outcome=\"linked\"} 1") != std::string::npos);
  CHECK(metrics.find("shodan_call_link_numbers_total{outcome=\"NUMBER_EMERGENCY\"} 1") !=
        std::string::npos);
  CHECK(metrics.find("12345678") == std::string::npos);
}

}  // namespace
}  // namespace shodan::calllink
