// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "shodan/zoomapi/v1/zoom_api_service.grpc.pb.h"

#include "libs/concurrency/await_callback.h"
#include "libs/rpc/coroutine_calls.h"
#include "libs/rpc/duplex_call.h"
#include "libs/rpc/run_duplex.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/await_result.h"

namespace shodan::testing {

namespace zoom = zoomapi::v1;

/// A door that a coroutine waits at until the test opens it. Cancelling does not open it.
class Door {
 public:
  boost::asio::awaitable<bool> Wait() {
    return AwaitCallback<bool>(
        [this](std::function<void(bool)> done) {
          const std::scoped_lock lock(mutex_);
          if (open_) {
            done(true);
          } else {
            waiting_.push_back(std::move(done));
          }
        },
        [] {});
  }
  void Open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    for (const auto& done : waiting_) done(true);
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  bool open_ = false;
  std::vector<std::function<void(bool)>> waiting_;
};

/// A unary method and a bidirectional stream whose handlers are coroutines; each does what the test
/// says.
class CoroutineService final : public zoom::ZoomApiService::CallbackService {
 public:
  using Stream = rpc::DuplexStream<zoom::SendRequestRequest, zoom::SendRequestResponse>;
  CoroutineService(const rpc::ServiceRuntime& runtime, rpc::CoroutineCalls& calls)
      : runtime_(runtime), calls_(calls) {}

  std::function<boost::asio::awaitable<absl::StatusOr<zoom::GetMeetingResponse>>(
      const rpc::CallContext&, const zoom::GetMeetingRequest&)>
      get_meeting;
  std::function<boost::asio::awaitable<absl::Status>(const rpc::CallContext&,
                                                     const zoom::SendRequestRequest&, Stream&)>
      send_request;

  grpc::ServerUnaryReactor* GetMeeting(grpc::CallbackServerContext* context,
                                       const zoom::GetMeetingRequest* request,
                                       zoom::GetMeetingResponse* response) override;
  grpc::ServerBidiReactor<zoom::SendRequestRequest, zoom::SendRequestResponse>* SendRequest(
      grpc::CallbackServerContext* context) override;

 private:
  const rpc::ServiceRuntime& runtime_;
  rpc::CoroutineCalls& calls_;
};

using SendCall = rpc::DuplexCall<zoom::SendRequestRequest, zoom::SendRequestResponse>;

/// A server of CoroutineService whose handlers run on two threads, at most four calls at a time.
/// Both methods are open to ns/x/sa/acting in mode user and ns/x/sa/own in mode service. The
/// client's coroutines run on the test's thread.
struct CoroutineWorld : RpcWorld {
  CoroutineWorld();
  ~CoroutineWorld();

  std::shared_ptr<grpc::Channel> CoroutineChannel(const std::string& name) const;
  /// A context with a deadline, and an assertion where the project is not empty.
  std::shared_ptr<grpc::ClientContext> Context(const std::string& project = "",
                                               const std::string& user = "");
  SendCall StartCall(const std::shared_ptr<grpc::ClientContext>& context,
                     const std::string& name = "own");
  /// Waits until every handler has ended.
  void DrainCalls();

  /// The coroutine's result.
  template <typename T>
  T Run(boost::asio::awaitable<T> coroutine) {
    return AwaitResult(client_io, std::move(coroutine));
  }

  boost::asio::io_context client_io;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  rpc::CoroutineCalls coroutines{io.get_executor(), 4};
  rpc::Authorizer coroutine_authorizer;
  rpc::ServiceRuntime coroutine_runtime{"zoomapi.shodan", workers, coroutine_authorizer, log,
                                        metrics};
  CoroutineService coroutine_service{coroutine_runtime, coroutines};
  std::unique_ptr<rpc::Server> coroutine_server;
  std::vector<std::thread> threads;
};

/// The first message of a stream.
zoom::SendRequestRequest HeadOf(const std::string& project, const std::string& user);
zoom::SendRequestRequest ChunkOf(std::string bytes);

}  // namespace shodan::testing
