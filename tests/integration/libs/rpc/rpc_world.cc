// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/rpc/rpc_world.h"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "libs/crypto/random.h"
#include "tests/support/status_matchers.h"

namespace shodan::testing {
namespace {

constexpr char kService[] = "/shodan.tokenvault.v1.TokenVaultService/";
constexpr char kPolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{
  "/shodan.tokenvault.v1.TokenVaultService/GetProfile":[
    {"identity":"ns/x/sa/acting","mode":"user"},{"identity":"ns/x/sa/own","mode":"service"},
    {"identity":"ns/x/sa/both","mode":"user"},{"identity":"ns/x/sa/both","mode":"service"},
    {"identity":"ns/x/sa/both","mode":"api_key","scope":"profile.read"},
    {"identity":"ns/x/sa/admin","mode":"admin"}],
  "/shodan.tokenvault.v1.TokenVaultService/GetAccessToken":[
    {"identity":"ns/x/sa/acting","mode":"user"},{"identity":"ns/x/sa/own","mode":"service"}],
  "/shodan.tokenvault.v1.TokenVaultService/ListGrantEvents":[
    {"identity":"ns/x/sa/acting","mode":"user"},{"identity":"ns/x/sa/own","mode":"service"}]}})";
// The key of RFC 8037 A.1.
constexpr char kPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

rpc::Authorizer MakeAuthorizer(const jwt::SigningKey& key) {
  return {*rpc::Policy::Parse(kPolicy),
          *jwt::KeySet::Parse(R"({"keys":[)" + key.PublicJwk() + "]}"), "token-vault"};
}

int DevNull() {
  static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  return fd;
}

TestCertificate ServerCertificate(const TestAuthority& authority) {
  CertificateContent content;
  content.dns_names = {"localhost"};
  content.uris = {"spiffe://shodan.local/ns/x/sa/server"};
  return authority.Issue(content);
}

rpc::TlsFiles WriteFiles(const TemporaryDirectory& directory, const TestCertificate& certificate,
                         const std::string& ca) {
  const std::string name = RandomUuid();
  return {directory.Write(name + ".pem", certificate.certificate),
          directory.Write(name + ".key", certificate.private_key),
          directory.Write(name + ".ca", ca)};
}

}  // namespace

grpc::ServerUnaryReactor* ScriptedService::GetProfile(grpc::CallbackServerContext* context,
                                                      const v1::GetProfileRequest* request,
                                                      v1::GetProfileResponse* response) {
  arrived = context;
  return rpc::RunUnary(context, runtime_, std::string(kService) + "GetProfile", request, response,
                       [this](const rpc::CallContext& call, const v1::GetProfileRequest&) {
                         return get_profile(call);
                       });
}

grpc::ServerUnaryReactor* ScriptedService::GetAccessToken(grpc::CallbackServerContext* context,
                                                          const v1::GetAccessTokenRequest* request,
                                                          v1::GetAccessTokenResponse* response) {
  return rpc::RunUnary(context, runtime_, std::string(kService) + "GetAccessToken", request,
                       response,
                       [this](const rpc::CallContext& call, const v1::GetAccessTokenRequest&) {
                         return get_access_token(call);
                       });
}

grpc::ServerUnaryReactor* ScriptedService::ListGrantEvents(
    grpc::CallbackServerContext* context, const v1::ListGrantEventsRequest* request,
    v1::ListGrantEventsResponse* response) {
  return rpc::RunUnary(context, runtime_, std::string(kService) + "ListGrantEvents", request,
                       response,
                       [this](const rpc::CallContext& call, const v1::ListGrantEventsRequest&) {
                         return list_grant_events(call);
                       });
}

RpcWorld::RpcWorld(int worker_count, int queued)
    : assertion_key(*jwt::SigningKey::FromPem(Secret(kPem))),
      authorizer(MakeAuthorizer(assertion_key)),
      log("test", LogLevel::kError, DevNull()),
      workers(worker_count, queued),
      runtime{"tokenvault.shodan", workers, authorizer, log, metrics},
      service(runtime),
      server_files(WriteFiles(directory, ServerCertificate(authority), authority.certificate())) {
  service.get_profile = [this](const rpc::CallContext& call) {
    {
      const std::lock_guard lock(seen_mutex);
      seen = call;
    }
    ++calls;
    return v1::GetProfileResponse();
  };
  service.get_access_token = [](const rpc::CallContext&) { return v1::GetAccessTokenResponse(); };
  service.list_grant_events = [](const rpc::CallContext&) { return v1::ListGrantEventsResponse(); };
  absl::StatusOr<std::unique_ptr<rpc::Server>> started =
      rpc::Server::Start("127.0.0.1:0", server_files, {&service});
  REQUIRE_THAT(started, IsOk());
  server = *std::move(started);
}

RpcWorld::~RpcWorld() { server.reset(); }

rpc::TlsFiles RpcWorld::FilesFor(const std::vector<std::string>& uris,
                                 const TestAuthority* issuer) const {
  CertificateContent content;
  content.uris = uris;
  const TestAuthority& signer = issuer == nullptr ? authority : *issuer;
  return WriteFiles(directory, signer.Issue(content), authority.certificate());
}

rpc::TlsFiles RpcWorld::FilesOf(const std::string& name) const {
  return FilesFor({"spiffe://shodan.local/ns/x/sa/" + name});
}

std::shared_ptr<grpc::Channel> RpcWorld::ChannelWith(const rpc::TlsFiles& files) const {
  return rpc::MakeChannel(Target(), files,
                          *v1::GetProfileRequest::descriptor()->file()->pool()->FindServiceByName(
                              "shodan.tokenvault.v1.TokenVaultService"));
}

grpc::Status RpcWorld::Call(const std::shared_ptr<grpc::Channel>& channel,
                            const ClientCall& call) const {
  grpc::ClientContext context;
  if (call.deadline)
    rpc::PrepareContext(context, Deadline::After(std::chrono::seconds(20)), "", "");
  for (const std::string& assertion : call.assertions) {
    context.AddMetadata(rpc::kAssertionKey, assertion);
  }
  for (const std::string& id : call.request_ids) context.AddMetadata(rpc::kRequestIdKey, id);
  v1::GetProfileRequest request;
  request.set_project_id(call.project_id);
  request.set_user_id(call.user_id);
  v1::GetProfileResponse response;
  const grpc::Status status =
      v1::TokenVaultService::NewStub(channel)->GetProfile(&context, request, &response);
  // The answer orders the handler before the caller; the thread sanitizer sees that here only.
  const std::lock_guard lock(seen_mutex);
  return status;
}

absl::Status RpcWorld::CallAs(const std::string& name, const ClientCall& call) const {
  return rpc::FromGrpcStatus(Call(ChannelOf(name), call));
}

std::string RpcWorld::Assert(const std::string& project_id, const std::string& user_id,
                             bool admin) const {
  rpc::Assertion assertion;
  assertion.audience = "token-vault";
  assertion.project_id = project_id;
  assertion.user_id = user_id;
  assertion.admin = admin;
  return rpc::SignAssertion(assertion_key, assertion, std::chrono::system_clock::now());
}

}  // namespace shodan::testing
