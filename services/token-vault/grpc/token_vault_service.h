// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "libs/rpc/run_unary.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/domain/keys/tag_rotation.h"
#include "services/token-vault/domain/vault.h"

namespace shodan::tokenvault {

/// TokenVaultService over gRPC: checks requests, converts, calls the domain.
class TokenVaultServiceImpl : public v1::TokenVaultService::CallbackService {
 public:
  /// Told about each access token that is handed out: project, user, link, caller, on whose
  /// behalf. Called on the workers; must not wait.
  using CountRead = std::function<void(const std::string&, const std::string&, const std::string&,
                                       const std::string&, const std::string&)>;

  /// Everything outlives the service.
  TokenVaultServiceImpl(Vault& vault, PendingGrantStore& pending, GrantStore& grants,
                        KeyRotation& keys, TagRotation& tags, CountRead count_read,
                        const rpc::ServiceRuntime& runtime)
      : vault_(vault),
        pending_(pending),
        grants_(grants),
        keys_(keys),
        tags_(tags),
        count_read_(std::move(count_read)),
        runtime_(runtime) {}

  grpc::ServerUnaryReactor* StartAuthorization(grpc::CallbackServerContext* context,
                                               const v1::StartAuthorizationRequest* request,
                                               v1::StartAuthorizationResponse* response) override;
  grpc::ServerUnaryReactor* RedeemTicket(grpc::CallbackServerContext* context,
                                         const v1::RedeemTicketRequest* request,
                                         v1::RedeemTicketResponse* response) override;
  grpc::ServerUnaryReactor* ExchangeCode(grpc::CallbackServerContext* context,
                                         const v1::ExchangeCodeRequest* request,
                                         v1::ExchangeCodeResponse* response) override;
  grpc::ServerUnaryReactor* GetAttempt(grpc::CallbackServerContext* context,
                                       const v1::GetAttemptRequest* request,
                                       v1::GetAttemptResponse* response) override;
  grpc::ServerUnaryReactor* ActivateGrant(grpc::CallbackServerContext* context,
                                          const v1::ActivateGrantRequest* request,
                                          v1::ActivateGrantResponse* response) override;
  grpc::ServerUnaryReactor* DiscardPendingGrant(grpc::CallbackServerContext* context,
                                                const v1::DiscardPendingGrantRequest* request,
                                                v1::DiscardPendingGrantResponse* response) override;
  grpc::ServerUnaryReactor* ListPendingGrants(grpc::CallbackServerContext* context,
                                              const v1::ListPendingGrantsRequest* request,
                                              v1::ListPendingGrantsResponse* response) override;
  grpc::ServerUnaryReactor* ListGrantEvents(grpc::CallbackServerContext* context,
                                            const v1::ListGrantEventsRequest* request,
                                            v1::ListGrantEventsResponse* response) override;
  grpc::ServerUnaryReactor* GetAccessToken(grpc::CallbackServerContext* context,
                                           const v1::GetAccessTokenRequest* request,
                                           v1::GetAccessTokenResponse* response) override;
  grpc::ServerUnaryReactor* GetProfile(grpc::CallbackServerContext* context,
                                       const v1::GetProfileRequest* request,
                                       v1::GetProfileResponse* response) override;
  grpc::ServerUnaryReactor* ResolveIdentity(grpc::CallbackServerContext* context,
                                            const v1::ResolveIdentityRequest* request,
                                            v1::ResolveIdentityResponse* response) override;
  grpc::ServerUnaryReactor* EraseGrant(grpc::CallbackServerContext* context,
                                       const v1::EraseGrantRequest* request,
                                       v1::EraseGrantResponse* response) override;
  grpc::ServerUnaryReactor* VerifyWebhook(grpc::CallbackServerContext* context,
                                          const v1::VerifyWebhookRequest* request,
                                          v1::VerifyWebhookResponse* response) override;
  grpc::ServerUnaryReactor* GetInboxKey(grpc::CallbackServerContext* context,
                                        const v1::GetInboxKeyRequest* request,
                                        v1::GetInboxKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetWebhookEndpointKey(
      grpc::CallbackServerContext* context, const v1::GetWebhookEndpointKeyRequest* request,
      v1::GetWebhookEndpointKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetLinkDataKey(grpc::CallbackServerContext* context,
                                           const v1::GetLinkDataKeyRequest* request,
                                           v1::GetLinkDataKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetKeyStatus(grpc::CallbackServerContext* context,
                                         const v1::GetKeyStatusRequest* request,
                                         v1::GetKeyStatusResponse* response) override;
  grpc::ServerUnaryReactor* RotateKeys(grpc::CallbackServerContext* context,
                                       const v1::RotateKeysRequest* request,
                                       v1::RotateKeysResponse* response) override;
  grpc::ServerUnaryReactor* RetireKeys(grpc::CallbackServerContext* context,
                                       const v1::RetireKeysRequest* request,
                                       v1::RetireKeysResponse* response) override;
  grpc::ServerUnaryReactor* DestroyKeys(grpc::CallbackServerContext* context,
                                        const v1::DestroyKeysRequest* request,
                                        v1::DestroyKeysResponse* response) override;
  grpc::ServerUnaryReactor* BeginTagRotation(grpc::CallbackServerContext* context,
                                             const v1::BeginTagRotationRequest* request,
                                             v1::BeginTagRotationResponse* response) override;
  grpc::ServerUnaryReactor* SwitchTags(grpc::CallbackServerContext* context,
                                       const v1::SwitchTagsRequest* request,
                                       v1::SwitchTagsResponse* response) override;
  grpc::ServerUnaryReactor* RetireTagKey(grpc::CallbackServerContext* context,
                                         const v1::RetireTagKeyRequest* request,
                                         v1::RetireTagKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetZoomApp(grpc::CallbackServerContext* context,
                                       const v1::GetZoomAppRequest* request,
                                       v1::GetZoomAppResponse* response) override;
  grpc::ServerUnaryReactor* UpdateZoomApp(grpc::CallbackServerContext* context,
                                          const v1::UpdateZoomAppRequest* request,
                                          v1::UpdateZoomAppResponse* response) override;
  grpc::ServerUnaryReactor* TestZoomApp(grpc::CallbackServerContext* context,
                                        const v1::TestZoomAppRequest* request,
                                        v1::TestZoomAppResponse* response) override;
  grpc::ServerUnaryReactor* CreateImportKey(grpc::CallbackServerContext* context,
                                            const v1::CreateImportKeyRequest* request,
                                            v1::CreateImportKeyResponse* response) override;
  grpc::ServerUnaryReactor* GetImportKeys(grpc::CallbackServerContext* context,
                                          const v1::GetImportKeysRequest* request,
                                          v1::GetImportKeysResponse* response) override;
  grpc::ServerUnaryReactor* DestroyImportKey(grpc::CallbackServerContext* context,
                                             const v1::DestroyImportKeyRequest* request,
                                             v1::DestroyImportKeyResponse* response) override;
  grpc::ServerUnaryReactor* ImportGrant(grpc::CallbackServerContext* context,
                                        const v1::ImportGrantRequest* request,
                                        v1::ImportGrantResponse* response) override;

 private:
  /// Runs a handler of this service under its method's full name, unless the vault is halted.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const char* method,
                                const Request* request, Response* response, Handler handler) {
    auto admitted = [this, handler = std::move(handler)](
                        const rpc::CallContext& call,
                        const Request& in) -> absl::StatusOr<Response> {
      SHODAN_RETURN_IF_ERROR(vault_.ledger.Admit());
      return handler(call, in);
    };
    return rpc::RunUnary(context, runtime_,
                         std::string("/shodan.tokenvault.v1.TokenVaultService/") + method, request,
                         response, std::move(admitted));
  }

  Vault& vault_;
  PendingGrantStore& pending_;
  GrantStore& grants_;
  KeyRotation& keys_;
  TagRotation& tags_;
  const CountRead count_read_;
  const rpc::ServiceRuntime& runtime_;
};

}  // namespace shodan::tokenvault
