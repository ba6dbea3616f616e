// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

using testing::CertificateContent;
using testing::IsError;
using testing::IsOk;
using testing::RpcWorld;
using testing::TestAuthority;
using testing::TestCertificate;

constexpr char kOwn[] = "spiffe://shodan.local/ns/x/sa/own";

TEST_CASE_METHOD(RpcWorld, "A caller is who its certificate's URI says") {
  CHECK_THAT(CallAs("own"), IsOk());

  REQUIRE(seen.has_value());
  CHECK(seen->caller == "spiffe://shodan.local/ns/x/sa/own");
  CHECK(seen->method == "/shodan.tokenvault.v1.TokenVaultService/GetProfile");
}

TEST_CASE_METHOD(RpcWorld, "A client without a certificate gets no connection") {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority.certificate();
  const auto channel = grpc::CreateChannel(Target(), grpc::SslCredentials(options));

  CHECK(Call(channel).error_code() == grpc::UNAVAILABLE);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "A client that speaks no TLS gets no connection") {
  const auto channel = grpc::CreateChannel(Target(), grpc::InsecureChannelCredentials());

  CHECK(Call(channel).error_code() == grpc::UNAVAILABLE);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "A certificate of another authority gets no connection") {
  const TestAuthority other("another authority");

  CHECK(Call(ChannelWith(FilesFor({kOwn}, &other))).error_code() == grpc::UNAVAILABLE);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "A certificate that has ended gets no connection") {
  CertificateContent content;
  content.uris = {kOwn};
  content.not_after = std::chrono::seconds(-60);
  const TestCertificate ended = authority.Issue(content);
  const rpc::TlsFiles files{directory.Write("ended.pem", ended.certificate),
                            directory.Write("ended.key", ended.private_key),
                            directory.Write("ended.ca", authority.certificate())};

  CHECK(Call(ChannelWith(files)).error_code() == grpc::UNAVAILABLE);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "A certificate that names nobody, or two, leaves open who is calling") {
  const std::vector<std::string> cases[] = {
      {},
      {kOwn, "spiffe://shodan.local/ns/x/sa/acting"},
      {kOwn, kOwn},
      {kOwn, "https://shodan.local/own"},
      {"https://shodan.local/ns/x/sa/own"},
      {"spiffe:/shodan.local/ns/x/sa/own"},
  };
  for (const std::vector<std::string>& uris : cases) {
    CAPTURE(uris);
    CHECK_THAT(rpc::FromGrpcStatus(Call(ChannelWith(FilesFor(uris)))),
               IsError(absl::StatusCode::kUnauthenticated, "PEER_IDENTITY_MISSING"));
  }
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "The same name in another trust domain is somebody else") {
  for (const char* uri :
       {"spiffe://other.local/ns/x/sa/own", "spiffe://shodan.local/ns/y/sa/own"}) {
    CAPTURE(uri);
    CHECK_THAT(rpc::FromGrpcStatus(Call(ChannelWith(FilesFor({uri})))),
               IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  }
}

TEST_CASE_METHOD(RpcWorld,
                 "A client trusts its own authority only, and only for the host it dials") {
  const TestAuthority other("another authority");
  rpc::TlsFiles distrusting = FilesOf("own");
  distrusting.ca_file = directory.Write("other.ca", other.certificate());
  const auto by_address = grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()),
                                              rpc::ClientCredentials(FilesOf("own")));

  CHECK(Call(ChannelWith(distrusting)).error_code() == grpc::UNAVAILABLE);
  CHECK(Call(by_address).error_code() == grpc::UNAVAILABLE);
  CHECK(calls == 0);
}

TEST_CASE_METHOD(RpcWorld, "Replaced files are used for new connections, authority included") {
  const TestAuthority next("the next authority");
  CertificateContent content;
  content.dns_names = {"localhost"};
  const TestCertificate renewed = next.Issue(content);
  rpc::TlsFiles client = FilesFor({kOwn}, &next);
  client.ca_file = directory.Write("next.ca", next.certificate());
  const auto channel = ChannelWith(client);
  REQUIRE(Call(channel).error_code() == grpc::UNAVAILABLE);

  for (const auto& [file, text] : {std::pair(server_files.certificate_file, renewed.certificate),
                                   std::pair(server_files.private_key_file, renewed.private_key),
                                   std::pair(server_files.ca_file, next.certificate())}) {
    std::filesystem::rename(directory.Write("new", text), file);
  }

  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(30)), "", "");
  testing::v1::GetProfileRequest request;
  testing::v1::GetProfileResponse response;
  const grpc::Status status =
      testing::v1::TokenVaultService::NewStub(channel)->GetProfile(&context, request, &response);
  CHECK_THAT(rpc::FromGrpcStatus(status), IsOk());
}

}  // namespace
}  // namespace shodan
