// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/run_stream.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "libs/rpc/status_mapping.h"
#include "tests/integration/libs/rpc/rpc_world.h"
#include "tests/support/status_matchers.h"

namespace shodan {
namespace {

namespace al = accountlink::v1;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsError;
using testing::IsOk;
using testing::RpcWorld;

constexpr char kMethod[] = "/shodan.accountlink.v1.AccountLinkService/WatchLinks";
constexpr char kStreamPolicy[] = R"({"format":1,"trust_domain":"shodan.local","methods":{
  "/shodan.accountlink.v1.AccountLinkService/WatchLinks":[
    {"identity":"ns/x/sa/own","mode":"service"}]}})";

/// What the streams of a test send and what was asked of them.
struct Script {
  std::mutex mutex;
  std::deque<std::string> texts;  // guarded; one message each
  std::atomic<int> taken{0};
  std::atomic<int> heartbeats{0};
  std::atomic<bool> needs_work{false};
  std::function<absl::Status()> work = [] { return absl::OkStatus(); };

  void Say(const std::string& text) {
    const std::scoped_lock lock(mutex);
    texts.push_back(text);
  }
};

class ScriptedSource final : public rpc::StreamSource<al::WatchLinksResponse> {
 public:
  explicit ScriptedSource(Script& script) : script_(script) {}

  Next Take(al::WatchLinksResponse& message) override {
    if (script_.needs_work) return Next::kWork;
    const std::scoped_lock lock(script_.mutex);
    if (script_.texts.empty()) return Next::kWait;
    message.mutable_event()->set_user_id(script_.texts.front());
    script_.texts.pop_front();
    ++script_.taken;
    return Next::kMessage;
  }
  absl::Status Work(Deadline) override {
    const absl::Status status = script_.work();
    script_.needs_work = false;
    return status;
  }
  void Heartbeat(al::WatchLinksResponse& message) override {
    message.mutable_event()->set_kind(al::LINK_EVENT_KIND_HEARTBEAT);
    ++script_.heartbeats;
  }

 private:
  Script& script_;
};

class StreamingService final : public al::AccountLinkService::CallbackService {
 public:
  StreamingService(const rpc::ServiceRuntime& runtime, rpc::StreamSet& streams, Script& script)
      : runtime_(runtime), streams_(streams), script_(script) {}

  grpc::ServerWriteReactor<al::WatchLinksResponse>* WatchLinks(
      grpc::CallbackServerContext* context, const al::WatchLinksRequest* request) override {
    using Source = std::unique_ptr<rpc::StreamSource<al::WatchLinksResponse>>;
    return rpc::RunStream<al::WatchLinksResponse>(
        context, runtime_, streams_, kMethod, request,
        [this](const rpc::CallContext&,
               const al::WatchLinksRequest& got) -> absl::StatusOr<Source> {
          if (got.project_id() == "refused") return NotFound("NO_SUCH_THING", "There is none.");
          return Source(std::make_unique<ScriptedSource>(script_));
        });
  }

 private:
  const rpc::ServiceRuntime& runtime_;
  rpc::StreamSet& streams_;
  Script& script_;
};

/// A server with one streaming method. ns/x/sa/own may call it.
struct StreamWorld : RpcWorld {
  explicit StreamWorld(const rpc::StreamLimits& limits = {.max_streams = 4,
                                                          .max_age = hours(1),
                                                          .heartbeat = hours(1)})
      : streams(limits), stream_server(StartServer()) {}
  ~StreamWorld() { stream_server.reset(); }

  std::unique_ptr<rpc::Server> StartServer() {
    auto started = rpc::Server::Start("127.0.0.1:0", server_files, {&streaming});
    REQUIRE_THAT(started, IsOk());
    return *std::move(started);
  }
  std::shared_ptr<grpc::Channel> StreamChannel(const std::string& identity) const {
    return rpc::MakeChannel("localhost:" + std::to_string(stream_server->port()), FilesOf(identity),
                            *al::Link::descriptor()->file()->pool()->FindServiceByName(
                                "shodan.accountlink.v1.AccountLinkService"));
  }

  Script script;
  rpc::Authorizer stream_authorizer{
      *rpc::Policy::Parse(kStreamPolicy),
      *jwt::KeySet::Parse(R"({"keys":[)" + assertion_key.PublicJwk() + "]}"), "account-link"};
  rpc::ServiceRuntime stream_runtime{"accountlink.shodan", workers, stream_authorizer, log,
                                     metrics};
  rpc::StreamSet streams;
  StreamingService streaming{stream_runtime, streams, script};
  std::unique_ptr<rpc::Server> stream_server;
};

/// A caller's end of a stream. No deadline is sent.
class Watcher {
 public:
  explicit Watcher(const StreamWorld& world, const std::string& identity = "own",
                   const std::string& project = "demo")
      : stub_(al::AccountLinkService::NewStub(world.StreamChannel(identity))) {
    al::WatchLinksRequest request;
    request.set_project_id(project);
    reader_ = stub_->WatchLinks(&context_, request);
  }
  ~Watcher() {
    if (reader_ == nullptr) return;
    context_.TryCancel();
    static_cast<void>(End());
  }

  /// The next message's text; "heartbeat" for one of those, "end" when there is none.
  std::string Next() {
    al::WatchLinksResponse message;
    if (!reader_->Read(&message)) return "end";
    const bool heartbeat = message.event().kind() == al::LINK_EVENT_KIND_HEARTBEAT;
    return heartbeat ? "heartbeat" : message.event().user_id();
  }
  absl::Status End() {
    al::WatchLinksResponse message;
    while (reader_->Read(&message)) {
    }
    const grpc::Status status = reader_->Finish();
    reader_.reset();
    return rpc::FromGrpcStatus(status);
  }
  void Cancel() { context_.TryCancel(); }

 private:
  std::unique_ptr<al::AccountLinkService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<al::WatchLinksResponse>> reader_;
};

void Await(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

TEST_CASE_METHOD(StreamWorld, "A stream sends what its source has, in order, without a deadline") {
  for (const char* text : {"a", "b", "c"}) script.Say(text);

  Watcher watcher(*this);

  CHECK(watcher.Next() == "a");
  CHECK(watcher.Next() == "b");
  CHECK(watcher.Next() == "c");
}

TEST_CASE_METHOD(StreamWorld, "A stream without news says at once that it is open") {
  Watcher watcher(*this);

  CHECK(watcher.Next() == "heartbeat");
}

TEST_CASE_METHOD(StreamWorld, "A woken stream sends what came meanwhile") {
  Watcher watcher(*this);
  REQUIRE(watcher.Next() == "heartbeat");

  script.Say("news");
  streams.WakeAll();

  CHECK(watcher.Next() == "news");
  CHECK(script.heartbeats == 1);
}

TEST_CASE("A stream on which nothing happens keeps sending heartbeats") {
  StreamWorld world({.max_streams = 4, .max_age = hours(1), .heartbeat = milliseconds(20)});
  Watcher watcher(world);

  for (int i = 0; i < 4; ++i) CHECK(watcher.Next() == "heartbeat");
}

TEST_CASE("A stream ends with OK when it reaches its maximum age") {
  StreamWorld world({.max_streams = 4, .max_age = milliseconds(50), .heartbeat = milliseconds(20)});
  Watcher watcher(world);

  CHECK_THAT(watcher.End(), IsOk());
  Await([&] { return world.streams.size() == 0; });
}

TEST_CASE_METHOD(StreamWorld, "Who may not call the method gets no stream") {
  Watcher stranger(*this, "stranger");

  CHECK_THAT(stranger.End(), IsError(absl::StatusCode::kPermissionDenied, "CALLER_NOT_ALLOWED"));
  CHECK(streams.size() == 0);
}

TEST_CASE_METHOD(StreamWorld, "A request that is refused gets no stream") {
  Watcher watcher(*this, "own", "refused");

  CHECK_THAT(watcher.End(), IsError(absl::StatusCode::kNotFound, "NO_SUCH_THING"));
  CHECK(streams.size() == 0);
}

TEST_CASE("A stream beyond the limit is refused until another one ends") {
  StreamWorld world({.max_streams = 1, .max_age = hours(1), .heartbeat = hours(1)});
  Watcher first(world);
  REQUIRE(first.Next() == "heartbeat");

  Watcher second(world);
  const absl::Status refused = second.End();
  CHECK_THAT(refused, IsError(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  CHECK(RetryAfterOf(refused) == seconds(1));

  first.Cancel();
  Await([&] { return world.streams.size() == 0; });
  Watcher third(world);
  CHECK(third.Next() == "heartbeat");
}

TEST_CASE_METHOD(StreamWorld, "Draining ends every stream and takes no new one") {
  Watcher watcher(*this);
  REQUIRE(watcher.Next() == "heartbeat");

  streams.Drain();

  CHECK_THAT(watcher.End(), IsError(absl::StatusCode::kUnavailable, "SERVER_DRAINING"));
  Watcher late(*this);
  CHECK_THAT(late.End(), IsError(absl::StatusCode::kUnavailable, "SERVER_DRAINING"));
}

TEST_CASE_METHOD(StreamWorld, "A source's error is the stream's end") {
  script.needs_work = true;
  script.work = [] { return FailedPrecondition("RESUME_TOKEN_EXPIRED", "Begin anew."); };

  Watcher watcher(*this);

  CHECK_THAT(watcher.End(), IsError(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED"));
}

TEST_CASE_METHOD(StreamWorld, "A stream finishes only when its work on a worker has returned") {
  std::promise<void> entered;
  std::promise<void> release;
  script.needs_work = true;
  script.work = [&] {
    entered.set_value();
    release.get_future().wait();
    return absl::OkStatus();
  };
  Watcher watcher(*this);
  entered.get_future().wait();
  watcher.Cancel();
  streams.Drain();

  auto drained = std::async(std::launch::async, [&] { stream_server->Drain(seconds(20)); });
  CHECK(streams.size() == 1);
  release.set_value();
  drained.wait();

  CHECK(streams.size() == 0);
}

TEST_CASE_METHOD(StreamWorld, "A caller who does not read holds up nobody and costs little") {
  constexpr int kMessages = 2'000;
  const std::string large(10'000, 'x');
  Watcher slow(*this);
  REQUIRE(slow.Next() == "heartbeat");
  {
    const std::scoped_lock lock(script.mutex);
    for (int i = 0; i < kMessages; ++i) script.texts.push_back(large);
  }
  streams.WakeAll();

  // All that the slow one leaves is sent to another.
  Watcher quick(*this);
  int received = 0;
  while (script.taken < kMessages) {
    const std::string next = quick.Next();
    REQUIRE(next != "end");
    if (next == large) ++received;
  }

  // gRPC takes what its flow control allows, and nothing is queued here.
  CHECK(received > kMessages / 2);
  slow.Cancel();
  Await([&] { return streams.size() == 1; });
}

TEST_CASE_METHOD(StreamWorld, "Streams are counted, and their ends by code") {
  {
    Watcher watcher(*this);
    REQUIRE(watcher.Next() == "heartbeat");
    CHECK(metrics.Render().find("shodan_rpc_streams_open{method=\"" + std::string(kMethod) +
                                "\"} 1") != std::string::npos);
  }
  Await([&] { return streams.size() == 0; });
  stream_server->Drain(seconds(20));

  const std::string text = metrics.Render();
  CHECK(text.find("shodan_rpc_streams_open{method=\"" + std::string(kMethod) + "\"} 0") !=
        std::string::npos);
  CHECK(text.find("shodan_rpc_stream_messages_total{method=\"" + std::string(kMethod) + "\"} 1") !=
        std::string::npos);
  CHECK(text.find("shodan_rpc_server_total{code=\"CANCELLED\",method=\"" + std::string(kMethod) +
                  "\"} 1") != std::string::npos);
}

}  // namespace
}  // namespace shodan
