// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/rpc/coroutine_world.h"

#include "libs/rpc/run_coroutine.h"
#include "tests/support/status_matchers.h"

namespace shodan::testing {
namespace {

constexpr char kCoroutinePolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{
  "/shodan.zoomapi.v1.ZoomApiService/GetMeeting":[
    {"identity":"ns/x/sa/acting","mode":"user"},{"identity":"ns/x/sa/own","mode":"service"}],
  "/shodan.zoomapi.v1.ZoomApiService/SendRequest":[
    {"identity":"ns/x/sa/acting","mode":"user"},{"identity":"ns/x/sa/own","mode":"service"}]}})";

}  // namespace

grpc::ServerUnaryReactor* CoroutineService::GetMeeting(grpc::CallbackServerContext* context,
                                                       const zoom::GetMeetingRequest* request,
                                                       zoom::GetMeetingResponse* response) {
  return rpc::RunCoroutine(
      context, runtime_, calls_, "/shodan.zoomapi.v1.ZoomApiService/GetMeeting", request, response,
      [this](const rpc::CallContext& call, const zoom::GetMeetingRequest& message) {
        return get_meeting(call, message);
      });
}

grpc::ServerBidiReactor<zoom::SendRequestRequest, zoom::SendRequestResponse>*
CoroutineService::SendRequest(grpc::CallbackServerContext* context) {
  return rpc::RunDuplex<zoom::SendRequestRequest, zoom::SendRequestResponse>(
      context, runtime_, calls_, "/shodan.zoomapi.v1.ZoomApiService/SendRequest",
      [](const zoom::SendRequestRequest& first) -> const google::protobuf::Message* {
        return first.has_head() ? &first.head() : nullptr;
      },
      [this](const rpc::CallContext& call, const zoom::SendRequestRequest& first, Stream& stream) {
        return send_request(call, first, stream);
      });
}

CoroutineWorld::CoroutineWorld()
    : coroutine_authorizer(*rpc::Policy::Parse(kCoroutinePolicy),
                           *jwt::KeySet::Parse(R"({"keys":[)" + assertion_key.PublicJwk() + "]}"),
                           "token-vault") {
  for (int i = 0; i < 2; ++i) threads.emplace_back([this] { io.run(); });
  absl::StatusOr<std::unique_ptr<rpc::Server>> started =
      rpc::Server::Start("127.0.0.1:0", server_files, {&coroutine_service});
  REQUIRE_THAT(started, IsOk());
  coroutine_server = *std::move(started);
}

CoroutineWorld::~CoroutineWorld() {
  coroutine_server.reset();
  work.reset();
  for (std::thread& thread : threads) thread.join();
}

std::shared_ptr<grpc::Channel> CoroutineWorld::CoroutineChannel(const std::string& name) const {
  return rpc::MakeChannel(
      "localhost:" + std::to_string(coroutine_server->port()), FilesOf(name),
      *zoom::SendRequestRequest::descriptor()->file()->FindServiceByName("ZoomApiService"));
}

std::shared_ptr<grpc::ClientContext> CoroutineWorld::Context(const std::string& project,
                                                             const std::string& user) {
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(std::chrono::seconds(30)), "call-1",
                      project.empty() ? "" : Assert(project, user));
  return context;
}

SendCall CoroutineWorld::StartCall(const std::shared_ptr<grpc::ClientContext>& context,
                                   const std::string& name) {
  const std::shared_ptr<zoom::ZoomApiService::Stub> stub =
      zoom::ZoomApiService::NewStub(CoroutineChannel(name));
  using Reactor = grpc::ClientBidiReactor<zoom::SendRequestRequest, zoom::SendRequestResponse>;
  return {client_io.get_executor(), context, [stub](grpc::ClientContext* c, Reactor* reactor) {
            stub->async()->SendRequest(c, reactor);
          }};
}

void CoroutineWorld::DrainCalls() {
  coroutine_server->Drain(std::chrono::seconds(20));
  CHECK(coroutines.size() == 0);
}

zoom::SendRequestRequest HeadOf(const std::string& project, const std::string& user) {
  zoom::SendRequestRequest message;
  message.mutable_head()->set_project_id(project);
  message.mutable_head()->set_user_id(user);
  return message;
}

zoom::SendRequestRequest ChunkOf(std::string bytes) {
  zoom::SendRequestRequest message;
  message.set_chunk(std::move(bytes));
  return message;
}

}  // namespace shodan::testing
