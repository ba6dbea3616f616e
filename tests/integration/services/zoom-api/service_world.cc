// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/zoom-api/service_world.h"

#include <algorithm>

#include "tests/support/status_matchers.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;
using testing::IsOk;

std::string ServicePolicy() {
  std::string methods;
  const auto& service =
      *v1::SendRequestRequest::descriptor()->file()->FindServiceByName("ZoomApiService");
  for (int i = 0; i < service.method_count(); ++i) {
    methods += (i == 0 ? "\"/" : ",\"/") + service.full_name() + "/" + service.method(i)->name() +
               R"(":[{"identity":"ns/x/sa/acting","mode":"user"},
                     {"identity":"ns/x/sa/own","mode":"service"}])";
  }
  return R"({"format":1,"trust_domain":"shodan.local","methods":{)" + methods + "}}";
}

awaitable<Heard> Talk(SendCall& call, std::vector<v1::SendRequestRequest> messages) {
  bool open = true;
  for (v1::SendRequestRequest& message : messages) {
    if (open) open = co_await call.Write(std::move(message));
  }
  if (open) co_await call.WritesDone();
  co_return co_await Hear(call);
}

}  // namespace

awaitable<absl::Status> ScriptedSender::Send(ApiRequest request, BodySource& body, AnswerSink& sink,
                                             Deadline deadline) {
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
  }
  co_return co_await script(request, body, sink, deadline);
}

std::vector<ApiRequest> ScriptedSender::requests() {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

ServiceWorld::ServiceWorld()
    : service_authorizer(*rpc::Policy::Parse(ServicePolicy()),
                         *jwt::KeySet::Parse(R"({"keys":[)" + assertion_key.PublicJwk() + "]}"),
                         "token-vault") {
  for (int i = 0; i < 2; ++i) threads.emplace_back([this] { io.run(); });
  absl::StatusOr<std::unique_ptr<rpc::Server>> started =
      rpc::Server::Start("127.0.0.1:0", server_files, {&zoom_api});
  REQUIRE_THAT(started, IsOk());
  service_server = *std::move(started);
}

ServiceWorld::~ServiceWorld() {
  service_server.reset();
  work.reset();
  for (std::thread& thread : threads) thread.join();
}

std::shared_ptr<grpc::Channel> ServiceWorld::ServiceChannel(const std::string& name) const {
  return rpc::MakeChannel(
      "localhost:" + std::to_string(service_server->port()), FilesOf(name),
      *v1::SendRequestRequest::descriptor()->file()->FindServiceByName("ZoomApiService"));
}

std::shared_ptr<grpc::ClientContext> ServiceWorld::Context(std::chrono::milliseconds timeout) {
  auto context = std::make_shared<grpc::ClientContext>();
  rpc::PrepareContext(*context, Deadline::After(timeout), "call-1", Assert("demo", "hanako"));
  return context;
}

SendCall ServiceWorld::StartCall(std::chrono::milliseconds timeout) {
  const std::shared_ptr<v1::ZoomApiService::Stub> stub =
      v1::ZoomApiService::NewStub(ServiceChannel("acting"));
  using Reactor = grpc::ClientBidiReactor<v1::SendRequestRequest, v1::SendRequestResponse>;
  return {
      client_io.get_executor(), Context(timeout),
      [stub](grpc::ClientContext* c, Reactor* reactor) { stub->async()->SendRequest(c, reactor); }};
}

Heard ServiceWorld::Send(std::vector<v1::SendRequestRequest> messages) {
  SendCall call = StartCall();
  return Run(Talk(call, std::move(messages)));
}

awaitable<Heard> Hear(SendCall& call) {
  Heard heard;
  while (true) {
    std::optional<v1::SendRequestResponse> message = co_await call.Read();
    if (!message.has_value()) break;
    if (message->has_head()) heard.head = message->head();
    heard.largest_chunk = std::max(heard.largest_chunk, message->chunk().size());
    heard.body += message->chunk();
  }
  heard.status = co_await call.Finish();
  co_return heard;
}

v1::SendRequestRequest HeadMessage(const std::string& method, int64_t content_length) {
  v1::SendRequestRequest message;
  v1::RequestHead& head = *message.mutable_head();
  head.set_project_id("demo");
  head.set_user_id("hanako");
  head.set_method(method);
  head.set_path("users/me/meetings");
  head.set_content_length(content_length);
  if (method != "GET" && method != "HEAD") {
    head.set_request_id("6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e");
  }
  return message;
}

v1::SendRequestRequest ChunkMessage(std::string bytes) {
  v1::SendRequestRequest message;
  message.set_chunk(std::move(bytes));
  return message;
}

}  // namespace shodan::zoomapi
