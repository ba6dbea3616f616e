// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "shodan/zoomapi/v1/zoom_api_service.grpc.pb.h"

#include "libs/rpc/duplex_call.h"
#include "services/zoom-api/grpc/zoom_api_service.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/await_result.h"

namespace shodan::zoomapi {

/// Does what the test says with every request.
class ScriptedSender final : public Sender {
 public:
  using Script = std::function<boost::asio::awaitable<absl::Status>(
      const ApiRequest& request, BodySource& body, AnswerSink& sink, Deadline deadline)>;
  Script script;

  boost::asio::awaitable<absl::Status> Send(ApiRequest request, BodySource& body, AnswerSink& sink,
                                            Deadline deadline) override;
  /// The requests so far.
  std::vector<ApiRequest> requests();

 private:
  std::mutex mutex_;
  std::vector<ApiRequest> requests_;
};

using SendCall = rpc::DuplexCall<v1::SendRequestRequest, v1::SendRequestResponse>;

/// What a caller of SendRequest heard.
struct Heard {
  Heard() = default;
  v1::ResponseHead head;
  std::string body;
  size_t largest_chunk = 0;
  absl::Status status;
};

/// ZoomApiService over mutual TLS with the scripted sender. ns/x/sa/acting calls it for persons,
/// ns/x/sa/own on its own behalf. Bodies have at most 20 MiB.
struct ServiceWorld : testing::RpcWorld {
  ServiceWorld();
  ~ServiceWorld();

  std::shared_ptr<grpc::Channel> ServiceChannel(const std::string& name) const;
  /// Of demo's hanako.
  std::shared_ptr<grpc::ClientContext> Context(std::chrono::milliseconds timeout);
  SendCall StartCall(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// Says the messages and the end of writing, hears the answer.
  Heard Send(std::vector<v1::SendRequestRequest> messages);

  template <typename T>
  T Run(boost::asio::awaitable<T> coroutine) {
    return testing::AwaitResult(client_io, std::move(coroutine));
  }

  boost::asio::io_context client_io;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  rpc::CoroutineCalls coroutines{io.get_executor(), 16};
  rpc::Authorizer service_authorizer;
  rpc::ServiceRuntime service_runtime{"zoomapi.shodan", workers, service_authorizer, log, metrics};
  ScriptedSender sender;
  MeetingActions meetings{sender};
  ZoomApiService zoom_api{sender, meetings, coroutines, service_runtime, 20 << 20};
  std::unique_ptr<rpc::Server> service_server;
  std::vector<std::thread> threads;
};

/// Hears everything, to the end.
boost::asio::awaitable<Heard> Hear(SendCall& call);

/// The head of a request of demo's hanako, with a body of that length.
v1::SendRequestRequest HeadMessage(const std::string& method, int64_t content_length = 0);
v1::SendRequestRequest ChunkMessage(std::string bytes);

}  // namespace shodan::zoomapi
