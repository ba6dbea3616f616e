// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_connection_client.h"

#include <utility>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"
#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "services/gateway/backends/account_link_conversion.h"
#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace al = shodan::accountlink::v1;
namespace tv = shodan::tokenvault::v1;
using Accounts = al::AccountLinkService::StubInterface::async_interface;
using Vault = tv::TokenVaultService::StubInterface::async_interface;

Connection FromProto(const al::Connection& proto) {
  Connection connection;
  connection.connection_id = proto.connection_id();
  connection.link = gateway::FromProto(proto.link());
  connection.metadata = proto.metadata();
  return connection;
}

ConnectSession FromProto(const al::ConnectSession& proto) {
  ConnectSession session;
  session.project_id = proto.project_id();
  session.user_id = proto.user_id();
  session.user_display_name = proto.user_display_name();
  session.reconnect = proto.reconnect();
  session.expire_time = TimeOf(proto.has_expire_time(), proto.expire_time());
  return session;
}

class GrpcConnectionClient final : public ConnectionClient {
 public:
  GrpcConnectionClient(std::shared_ptr<grpc::Channel> account_link,
                       std::shared_ptr<grpc::Channel> token_vault, AssertionSigner& signer)
      : accounts_(al::AccountLinkService::NewStub(account_link)),
        vault_(tv::TokenVaultService::NewStub(token_vault)),
        signer_(signer) {}

  Result<Connection> Get(BackendCall call, Person key, std::string connection_id) override {
    return Find(std::move(call), key.project_id(), std::move(connection_id), AssertToAccounts(key));
  }

  Result<Connection> Resolve(BackendCall call, std::string project_id,
                             std::string connection_id) override {
    return Find(std::move(call), std::move(project_id), std::move(connection_id), "");
  }

  Result<std::vector<Connection>> List(BackendCall call, Person key,
                                       ConnectionQuery query) override {
    al::ListConnectionsRequest request;
    request.set_project_id(key.project_id());
    request.set_connection_id(std::move(query.connection_id));
    request.set_user_id(std::move(query.user_id));
    request.set_page_size(query.page_size);
    request.set_skip(query.skip);
    auto operation = CallUnary<Accounts, al::ListConnectionsRequest, al::ListConnectionsResponse>(
        accounts_->async(), &Accounts::ListConnections, std::move(call), AssertToAccounts(key),
        std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    std::vector<Connection> connections;
    for (const al::Connection& connection : response->connections()) {
      connections.push_back(FromProto(connection));
    }
    co_return connections;
  }

  Result<bool> UpdateMetadata(BackendCall call, Person key, std::vector<std::string> connection_ids,
                              std::string metadata, bool merge) override {
    al::UpdateConnectionMetadataRequest request;
    request.set_project_id(key.project_id());
    for (std::string& id : connection_ids) request.add_connection_ids(std::move(id));
    request.set_metadata(std::move(metadata));
    request.set_merge(merge);
    auto operation = CallUnary<Accounts, al::UpdateConnectionMetadataRequest,
                               al::UpdateConnectionMetadataResponse>(
        accounts_->async(), &Accounts::UpdateConnectionMetadata, std::move(call),
        AssertToAccounts(key), std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

  Result<AccessToken> GetAccessToken(BackendCall call, Person key,
                                     int64_t rejected_version) override {
    tv::GetAccessTokenRequest request;
    request.set_project_id(key.project_id());
    request.set_user_id(key.user_id());
    request.set_rejected_token_version(rejected_version);
    auto operation = CallUnary<Vault, tv::GetAccessTokenRequest, tv::GetAccessTokenResponse>(
        vault_->async(), &Vault::GetAccessToken, std::move(call), signer_.For("token-vault", key),
        std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    AccessToken token;
    token.token = Secret::Take(std::move(*response->mutable_access_token()));
    token.expire_time = TimeOf(response->has_expire_time(), response->expire_time());
    token.version = response->token_version();
    token.scopes.assign(response->scopes().begin(), response->scopes().end());
    co_return token;
  }

  Result<IssuedConnectSession> CreateSession(BackendCall call, Person key,
                                             NewConnectSession content) override {
    al::CreateConnectSessionRequest request;
    request.set_project_id(key.project_id());
    request.set_user_id(std::move(content.user_id));
    request.set_user_display_name(std::move(content.user_display_name));
    request.set_connection_id(std::move(content.connection_id));
    request.set_reconnect(content.reconnect);
    auto operation =
        CallUnary<Accounts, al::CreateConnectSessionRequest, al::CreateConnectSessionResponse>(
            accounts_->async(), &Accounts::CreateConnectSession, std::move(call),
            AssertToAccounts(key), std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    IssuedConnectSession issued;
    issued.session = FromProto(response->session());
    issued.token = Secret::Take(std::move(*response->mutable_session_secret()));
    co_return issued;
  }

  Result<ConnectSession> GetSession(BackendCall call, std::string token) override {
    al::GetConnectSessionRequest request;
    request.set_session_secret(std::move(token));
    auto operation =
        CallUnary<Accounts, al::GetConnectSessionRequest, al::GetConnectSessionResponse>(
            accounts_->async(), &Accounts::GetConnectSession, std::move(call), "",
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->session());
  }

  Result<bool> DeleteSession(BackendCall call, std::string token) override {
    al::DeleteConnectSessionRequest request;
    request.set_session_secret(std::move(token));
    auto operation =
        CallUnary<Accounts, al::DeleteConnectSessionRequest, al::DeleteConnectSessionResponse>(
            accounts_->async(), &Accounts::DeleteConnectSession, std::move(call), "",
            std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

 private:
  Result<Connection> Find(BackendCall call, std::string project_id, std::string connection_id,
                          std::string assertion) {
    al::GetConnectionRequest request;
    request.set_project_id(std::move(project_id));
    request.set_connection_id(std::move(connection_id));
    auto operation = CallUnary<Accounts, al::GetConnectionRequest, al::GetConnectionResponse>(
        accounts_->async(), &Accounts::GetConnection, std::move(call), std::move(assertion),
        std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->connection());
  }

  std::string AssertToAccounts(const Person& key) { return signer_.For("account-link", key); }

  std::unique_ptr<al::AccountLinkService::Stub> accounts_;
  std::unique_ptr<tv::TokenVaultService::Stub> vault_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<ConnectionClient> MakeGrpcConnectionClient(
    std::shared_ptr<grpc::Channel> account_link, std::shared_ptr<grpc::Channel> token_vault,
    AssertionSigner& signer) {
  return std::make_unique<GrpcConnectionClient>(std::move(account_link), std::move(token_vault),
                                                signer);
}

}  // namespace shodan::gateway
