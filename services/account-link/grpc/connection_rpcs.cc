// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/metadata.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

v1::Connection ToProto(const Connection& connection) {
  v1::Connection out;
  out.set_connection_id(connection.connection_id);
  *out.mutable_link() = account_link::ToProto(connection.link);
  out.set_metadata(connection.metadata);
  return out;
}

v1::ConnectSession ToProto(const ConnectSession& session) {
  v1::ConnectSession out;
  out.set_project_id(session.owner.project_id);
  out.set_user_id(session.owner.user_id);
  out.set_user_display_name(session.user_display_name);
  out.set_reconnect(session.reconnect);
  *out.mutable_expire_time() = account_link::ToProto(session.expire_time);
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* AccountLinkService::GetConnection(grpc::CallbackServerContext* context,
                                                            const v1::GetConnectionRequest* request,
                                                            v1::GetConnectionResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("GetConnection"), request, response,
      [this](const rpc::CallContext& call,
             const v1::GetConnectionRequest& got) -> absl::StatusOr<v1::GetConnectionResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            const Connection connection,
            use_cases_.connections.Get(got.project_id(), got.connection_id(), ScopeOf(call)));
        v1::GetConnectionResponse answer;
        *answer.mutable_connection() = ToProto(connection);
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::ListConnections(
    grpc::CallbackServerContext* context, const v1::ListConnectionsRequest* request,
    v1::ListConnectionsResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("ListConnections"), request, response,
      [this](const rpc::CallContext& call,
             const v1::ListConnectionsRequest& got) -> absl::StatusOr<v1::ListConnectionsResponse> {
        ConnectionQuery query;
        query.project_id = got.project_id();
        query.connection_id = got.connection_id();
        query.user_id = got.user_id();
        query.size = got.page_size();
        query.skip = got.skip();
        SHODAN_ASSIGN_OR_RETURN(const std::vector<Connection> connections,
                                use_cases_.connections.List(std::move(query), ScopeOf(call)));
        v1::ListConnectionsResponse answer;
        for (const Connection& connection : connections) {
          *answer.add_connections() = ToProto(connection);
        }
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::UpdateConnectionMetadata(
    grpc::CallbackServerContext* context, const v1::UpdateConnectionMetadataRequest* request,
    v1::UpdateConnectionMetadataResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("UpdateConnectionMetadata"), request, response,
      [this](const rpc::CallContext& call, const v1::UpdateConnectionMetadataRequest& got)
          -> absl::StatusOr<v1::UpdateConnectionMetadataResponse> {
        RequestCheck check;
        MetadataChange change;
        change.project_id = got.project_id();
        change.connection_ids.assign(got.connection_ids().begin(), got.connection_ids().end());
        change.metadata = CheckMetadata(got.metadata(), check);
        change.merge = got.merge();
        SHODAN_RETURN_IF_ERROR(check.Finish());
        SHODAN_RETURN_IF_ERROR(use_cases_.connections.ChangeMetadata(change, ScopeOf(call)));
        return v1::UpdateConnectionMetadataResponse();
      });
}

grpc::ServerUnaryReactor* AccountLinkService::CreateConnectSession(
    grpc::CallbackServerContext* context, const v1::CreateConnectSessionRequest* request,
    v1::CreateConnectSessionResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("CreateConnectSession"), request, response,
      [this](const rpc::CallContext& call, const v1::CreateConnectSessionRequest& got)
          -> absl::StatusOr<v1::CreateConnectSessionResponse> {
        ConnectSessionContent content;
        content.owner = OwnerOf(got);
        content.user_display_name = got.user_display_name();
        content.connection_id = got.connection_id();
        content.reconnect = got.reconnect();
        SHODAN_ASSIGN_OR_RETURN(
            const IssuedConnectSession issued,
            use_cases_.connect_sessions.Create(std::move(content), ScopeOf(call)));
        v1::CreateConnectSessionResponse answer;
        *answer.mutable_session() = ToProto(issued.session);
        answer.set_session_secret(std::string(issued.token.Expose(SecretAccess::ForAnswer())));
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::GetConnectSession(
    grpc::CallbackServerContext* context, const v1::GetConnectSessionRequest* request,
    v1::GetConnectSessionResponse* response) {
  return rpc::RunUnary(context, records_, MethodName("GetConnectSession"), request, response,
                       [this](const rpc::CallContext& call, const v1::GetConnectSessionRequest& got)
                           -> absl::StatusOr<v1::GetConnectSessionResponse> {
                         SHODAN_ASSIGN_OR_RETURN(const ConnectSession session,
                                                 use_cases_.connect_sessions.Get(
                                                     Secret(got.session_secret()), ScopeOf(call)));
                         v1::GetConnectSessionResponse answer;
                         *answer.mutable_session() = ToProto(session);
                         return answer;
                       });
}

grpc::ServerUnaryReactor* AccountLinkService::DeleteConnectSession(
    grpc::CallbackServerContext* context, const v1::DeleteConnectSessionRequest* request,
    v1::DeleteConnectSessionResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("DeleteConnectSession"), request, response,
      [this](const rpc::CallContext& call, const v1::DeleteConnectSessionRequest& got)
          -> absl::StatusOr<v1::DeleteConnectSessionResponse> {
        SHODAN_RETURN_IF_ERROR(
            use_cases_.connect_sessions.Delete(Secret(got.session_secret()), ScopeOf(call)));
        return v1::DeleteConnectSessionResponse();
      });
}

}  // namespace shodan::account_link
