// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "libs/rpc/run_unary.h"
#include "libs/rpc/stream_set.h"
#include "services/account-link/domain/calls.h"
#include "services/account-link/domain/complete_link.h"
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

 private:
  UseCases use_cases_;
  const rpc::ServiceRuntime& records_;
  const rpc::ServiceRuntime& saga_;
  const rpc::ServiceRuntime& watch_;
  rpc::StreamSet& watchers_;
};

}  // namespace shodan::account_link
