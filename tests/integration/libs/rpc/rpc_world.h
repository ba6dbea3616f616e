// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "libs/concurrency/worker_pool.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "libs/rpc/assertion.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/run_unary.h"
#include "libs/rpc/server.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_certificates.h"

namespace shodan::testing {

namespace v1 = tokenvault::v1;

/// Three methods of a generated service: GetProfile, which names a user and is idempotent,
/// GetAccessToken, which names a user and is not, and ListGrantEvents, which names none. Each does
/// what the test says.
class ScriptedService : public v1::TokenVaultService::CallbackService {
 public:
  explicit ScriptedService(const rpc::ServiceRuntime& runtime) : runtime_(runtime) {}

  template <typename Response>
  using Handler = std::function<absl::StatusOr<Response>(const rpc::CallContext&)>;
  Handler<v1::GetProfileResponse> get_profile;
  Handler<v1::GetAccessTokenResponse> get_access_token;
  Handler<v1::ListGrantEventsResponse> list_grant_events;

  /// The GetProfile call that arrived last, before it is queued; gone once it is finished.
  std::atomic<const grpc::CallbackServerContext*> arrived{nullptr};

  grpc::ServerUnaryReactor* GetProfile(grpc::CallbackServerContext* context,
                                       const v1::GetProfileRequest* request,
                                       v1::GetProfileResponse* response) override;
  grpc::ServerUnaryReactor* GetAccessToken(grpc::CallbackServerContext* context,
                                           const v1::GetAccessTokenRequest* request,
                                           v1::GetAccessTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListGrantEvents(grpc::CallbackServerContext* context,
                                            const v1::ListGrantEventsRequest* request,
                                            v1::ListGrantEventsResponse* response) override;

 private:
  const rpc::ServiceRuntime& runtime_;
};

/// One call as a client may make it.
struct ClientCall {
  std::string project_id = "demo";
  std::string user_id = "hanako";
  std::vector<std::string> assertions;
  std::vector<std::string> request_ids;
  bool deadline = true;
};

/// A server of the real kind on a free port, with a policy of its own, and clients with any
/// certificate. GetProfile is open to ns/x/sa/acting in mode user, ns/x/sa/own in mode service,
/// ns/x/sa/both in either and in mode api_key with profile.read, and ns/x/sa/admin in mode admin;
/// the other methods to ns/x/sa/acting in mode user and ns/x/sa/own in mode service.
class RpcWorld {
 public:
  explicit RpcWorld(int workers = 4, int queued = 16);
  ~RpcWorld();
  RpcWorld(const RpcWorld&) = delete;
  RpcWorld& operator=(const RpcWorld&) = delete;

  /// Files of a client certificate with these URIs, signed by `authority` or by the world's.
  rpc::TlsFiles FilesFor(const std::vector<std::string>& uris,
                         const TestAuthority* authority = nullptr) const;
  /// The same for "spiffe://shodan.local/ns/x/sa/<name>".
  rpc::TlsFiles FilesOf(const std::string& name) const;
  std::shared_ptr<grpc::Channel> ChannelWith(const rpc::TlsFiles& files) const;
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& name) const {
    return ChannelWith(FilesOf(name));
  }
  /// Calls GetProfile and answers how it ended.
  grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                    const ClientCall& call = {}) const;
  absl::Status CallAs(const std::string& name, const ClientCall& call = {}) const;

  std::string Target() const { return "localhost:" + std::to_string(server->port()); }
  /// A valid assertion for the service under test.
  std::string Assert(const std::string& project_id, const std::string& user_id,
                     bool admin = false) const;

  TestAuthority authority;
  TemporaryDirectory directory;
  jwt::SigningKey assertion_key;
  rpc::Authorizer authorizer;
  Logger log;
  Metrics metrics;
  /// Context of the last call that reached GetProfile's handler; read it when no call is running.
  std::optional<rpc::CallContext> seen;
  mutable std::mutex seen_mutex;
  std::atomic<int> calls{0};
  WorkerPool workers;  ///< ends before what its jobs write
  rpc::ServiceRuntime runtime;
  ScriptedService service;
  rpc::TlsFiles server_files;
  std::unique_ptr<rpc::Server> server;
};

}  // namespace shodan::testing
