// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "libs/rpc/run_unary.h"
#include "libs/rpc/stream_set.h"
#include "services/account-link/domain/api_keys.h"
#include "services/account-link/domain/calls.h"
#include "services/account-link/domain/complete_link.h"
#include "services/account-link/domain/connect_session.h"
#include "services/account-link/domain/connection.h"
#include "services/account-link/domain/directory.h"
#include "services/account-link/domain/disconnect.h"
#include "services/account-link/domain/import_connections.h"
#include "services/account-link/domain/link_watch.h"
#include "services/account-link/domain/notes.h"
#include "services/account-link/domain/project_administration.h"
#include "services/account-link/domain/user_metadata.h"

namespace shodan::account_link {

/// What the RPCs do. The members outlive the server.
struct UseCases {
  Directory& directory;
  ProjectAdministration& projects;
  ApiKeys& api_keys;
  Connections& connections;
  ConnectSessions& connect_sessions;
  CompleteLink& complete_link;
  Disconnect& disconnect;
  ImportConnections& import_connections;
  Calls& calls;
  Notes& notes;
  UserMetadata& user_metadata;
  LinkWatch::Sources watch;
};

/// shodan.accountlink.v1.AccountLinkService on the use cases.
///
/// Calls that wait for the vault run on workers of their own (`saga`), so that a slow vault never
/// keeps calls and notes waiting (`records`); so do watchers that read the database (`watch`), of
/// which `watchers` holds the open streams.
class AccountLinkService final : public accountlink::v1::AccountLinkService::CallbackService {
 public:
  AccountLinkService(UseCases use_cases, const rpc::ServiceRuntime& records,
                     const rpc::ServiceRuntime& saga, const rpc::ServiceRuntime& watch,
                     rpc::StreamSet& watchers)
      : use_cases_(use_cases), records_(records), saga_(saga), watch_(watch), watchers_(watchers) {}

  grpc::ServerUnaryReactor* GetProject(grpc::CallbackServerContext* context,
                                       const accountlink::v1::GetProjectRequest* request,
                                       accountlink::v1::GetProjectResponse* response) override;
  grpc::ServerUnaryReactor* GetProjectSettings(
      grpc::CallbackServerContext* context,
      const accountlink::v1::GetProjectSettingsRequest* request,
      accountlink::v1::GetProjectSettingsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateProjectSettings(
      grpc::CallbackServerContext* context,
      const accountlink::v1::UpdateProjectSettingsRequest* request,
      accountlink::v1::UpdateProjectSettingsResponse* response) override;
  grpc::ServerUnaryReactor* CompleteLink(grpc::CallbackServerContext* context,
                                         const accountlink::v1::CompleteLinkRequest* request,
                                         accountlink::v1::CompleteLinkResponse* response) override;
  grpc::ServerUnaryReactor* GetLink(grpc::CallbackServerContext* context,
                                    const accountlink::v1::GetLinkRequest* request,
                                    accountlink::v1::GetLinkResponse* response) override;
  grpc::ServerUnaryReactor* Disconnect(grpc::CallbackServerContext* context,
                                       const accountlink::v1::DisconnectRequest* request,
                                       accountlink::v1::DisconnectResponse* response) override;
  grpc::ServerUnaryReactor* AdminDisconnect(
      grpc::CallbackServerContext* context, const accountlink::v1::AdminDisconnectRequest* request,
      accountlink::v1::AdminDisconnectResponse* response) override;
  grpc::ServerUnaryReactor* Deauthorize(grpc::CallbackServerContext* context,
                                        const accountlink::v1::DeauthorizeRequest* request,
                                        accountlink::v1::DeauthorizeResponse* response) override;
  grpc::ServerUnaryReactor* ImportConnections(
      grpc::CallbackServerContext* context,
      const accountlink::v1::ImportConnectionsRequest* request,
      accountlink::v1::ImportConnectionsResponse* response) override;
  grpc::ServerWriteReactor<accountlink::v1::WatchLinksResponse>* WatchLinks(
      grpc::CallbackServerContext* context,
      const accountlink::v1::WatchLinksRequest* request) override;
  grpc::ServerUnaryReactor* CreateCall(grpc::CallbackServerContext* context,
                                       const accountlink::v1::CreateCallRequest* request,
                                       accountlink::v1::CreateCallResponse* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context,
                                    const accountlink::v1::GetCallRequest* request,
                                    accountlink::v1::GetCallResponse* response) override;
  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const accountlink::v1::ListCallsRequest* request,
                                      accountlink::v1::ListCallsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateCall(grpc::CallbackServerContext* context,
                                       const accountlink::v1::UpdateCallRequest* request,
                                       accountlink::v1::UpdateCallResponse* response) override;
  grpc::ServerUnaryReactor* DeleteCall(grpc::CallbackServerContext* context,
                                       const accountlink::v1::DeleteCallRequest* request,
                                       accountlink::v1::DeleteCallResponse* response) override;
  grpc::ServerUnaryReactor* CreateCallNote(
      grpc::CallbackServerContext* context, const accountlink::v1::CreateCallNoteRequest* request,
      accountlink::v1::CreateCallNoteResponse* response) override;
  grpc::ServerUnaryReactor* GetCallNote(grpc::CallbackServerContext* context,
                                        const accountlink::v1::GetCallNoteRequest* request,
                                        accountlink::v1::GetCallNoteResponse* response) override;
  grpc::ServerUnaryReactor* ListCallNotes(
      grpc::CallbackServerContext* context, const accountlink::v1::ListCallNotesRequest* request,
      accountlink::v1::ListCallNotesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateCallNote(
      grpc::CallbackServerContext* context, const accountlink::v1::UpdateCallNoteRequest* request,
      accountlink::v1::UpdateCallNoteResponse* response) override;
  grpc::ServerUnaryReactor* DeleteCallNote(
      grpc::CallbackServerContext* context, const accountlink::v1::DeleteCallNoteRequest* request,
      accountlink::v1::DeleteCallNoteResponse* response) override;
  grpc::ServerUnaryReactor* GetUserMetadata(
      grpc::CallbackServerContext* context, const accountlink::v1::GetUserMetadataRequest* request,
      accountlink::v1::GetUserMetadataResponse* response) override;
  grpc::ServerUnaryReactor* UpdateUserMetadata(
      grpc::CallbackServerContext* context,
      const accountlink::v1::UpdateUserMetadataRequest* request,
      accountlink::v1::UpdateUserMetadataResponse* response) override;
  grpc::ServerUnaryReactor* CreateApiKey(grpc::CallbackServerContext* context,
                                         const accountlink::v1::CreateApiKeyRequest* request,
                                         accountlink::v1::CreateApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* ListApiKeys(grpc::CallbackServerContext* context,
                                        const accountlink::v1::ListApiKeysRequest* request,
                                        accountlink::v1::ListApiKeysResponse* response) override;
  grpc::ServerUnaryReactor* RotateApiKey(grpc::CallbackServerContext* context,
                                         const accountlink::v1::RotateApiKeyRequest* request,
                                         accountlink::v1::RotateApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* DeleteApiKey(grpc::CallbackServerContext* context,
                                         const accountlink::v1::DeleteApiKeyRequest* request,
                                         accountlink::v1::DeleteApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* AuthenticateApiKey(
      grpc::CallbackServerContext* context,
      const accountlink::v1::AuthenticateApiKeyRequest* request,
      accountlink::v1::AuthenticateApiKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetConnection(
      grpc::CallbackServerContext* context, const accountlink::v1::GetConnectionRequest* request,
      accountlink::v1::GetConnectionResponse* response) override;
  grpc::ServerUnaryReactor* ListConnections(
      grpc::CallbackServerContext* context, const accountlink::v1::ListConnectionsRequest* request,
      accountlink::v1::ListConnectionsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateConnectionMetadata(
      grpc::CallbackServerContext* context,
      const accountlink::v1::UpdateConnectionMetadataRequest* request,
      accountlink::v1::UpdateConnectionMetadataResponse* response) override;
  grpc::ServerUnaryReactor* CreateConnectSession(
      grpc::CallbackServerContext* context,
      const accountlink::v1::CreateConnectSessionRequest* request,
      accountlink::v1::CreateConnectSessionResponse* response) override;
  grpc::ServerUnaryReactor* GetConnectSession(
      grpc::CallbackServerContext* context,
      const accountlink::v1::GetConnectSessionRequest* request,
      accountlink::v1::GetConnectSessionResponse* response) override;
  grpc::ServerUnaryReactor* DeleteConnectSession(
      grpc::CallbackServerContext* context,
      const accountlink::v1::DeleteConnectSessionRequest* request,
      accountlink::v1::DeleteConnectSessionResponse* response) override;

 private:
  UseCases use_cases_;
  const rpc::ServiceRuntime& records_;
  const rpc::ServiceRuntime& saga_;
  const rpc::ServiceRuntime& watch_;
  rpc::StreamSet& watchers_;
};

}  // namespace shodan::account_link
