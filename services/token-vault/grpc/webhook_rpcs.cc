// SPDX-License-Identifier: Apache-2.0
// Webhooks of Zoom's, and the keys under which others keep what they say.
#include <string>
#include <string_view>

#include "services/token-vault/grpc/field_checks.h"
#include "services/token-vault/grpc/token_vault_service.h"

namespace shodan::tokenvault {
namespace {

using rpc::CallContext;

constexpr size_t kClientIdBytesMax = 255;
constexpr size_t kTimestampBytesMax = 32;
constexpr size_t kSignatureBytesMax = 128;
constexpr size_t kBodyBytesMax = 524'288;

std::string BytesOf(const Secret& key) {
  return std::string(key.Expose(SecretAccess::ForAnswer()));
}

absl::Status Check(const v1::VerifyWebhookRequest& in) {
  FieldChecks checks;
  if (!in.project_id().empty()) checks.Project("projectId", in.project_id());
  checks.Text("clientId", in.client_id(), 0, kClientIdBytesMax)
      .Text("timestamp", in.timestamp(), 1, kTimestampBytesMax)
      .Text("signature", in.signature(), 1, kSignatureBytesMax)
      .That(in.body().size() <= kBodyBytesMax, "body", "at most 524,288 bytes");
  return checks.Result();
}

}  // namespace

grpc::ServerUnaryReactor* TokenVaultServiceImpl::VerifyWebhook(
    grpc::CallbackServerContext* context, const v1::VerifyWebhookRequest* request,
    v1::VerifyWebhookResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::VerifyWebhookRequest& in) -> absl::StatusOr<v1::VerifyWebhookResponse> {
    SHODAN_RETURN_IF_ERROR(Check(in));
    SHODAN_ASSIGN_OR_RETURN(
        const VerifiedWebhook verified,
        vault_.webhooks.Verify({in.project_id(), in.client_id()},
                               {in.timestamp(), in.signature(), in.body()}, call.deadline));
    v1::VerifyWebhookResponse out;
    out.set_project_id(verified.project_id);
    out.set_by_previous_secret(verified.by_previous_secret);
    if (verified.challenge.has_value()) {
      out.mutable_challenge()->set_plain_token(verified.challenge->plain_token);
      out.mutable_challenge()->set_encrypted_token(verified.challenge->encrypted_token);
      return out;
    }
    out.set_body_tag(verified.body_tag);
    out.set_inbox_key_id(verified.inbox_key.inbox_key_id);
    out.set_inbox_key(BytesOf(verified.inbox_key.key));
    return out;
  };
  return Run(context, "VerifyWebhook", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetInboxKey(grpc::CallbackServerContext* context,
                                                             const v1::GetInboxKeyRequest* request,
                                                             v1::GetInboxKeyResponse* response) {
  auto handler = [this](
                     const CallContext& call,
                     const v1::GetInboxKeyRequest& in) -> absl::StatusOr<v1::GetInboxKeyResponse> {
    FieldChecks checks;
    SHODAN_RETURN_IF_ERROR(checks.Uuid("inboxKeyId", in.inbox_key_id()).Result());
    SHODAN_ASSIGN_OR_RETURN(const InboxKey key,
                            vault_.webhooks.FindKey(in.inbox_key_id(), call.deadline));
    v1::GetInboxKeyResponse out;
    out.set_inbox_key(BytesOf(key.key));
    return out;
  };
  return Run(context, "GetInboxKey", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetWebhookEndpointKey(
    grpc::CallbackServerContext* context, const v1::GetWebhookEndpointKeyRequest* request,
    v1::GetWebhookEndpointKeyResponse* response) {
  auto handler = [this](const CallContext& call, const v1::GetWebhookEndpointKeyRequest& in)
      -> absl::StatusOr<v1::GetWebhookEndpointKeyResponse> {
    FieldChecks checks;
    SHODAN_RETURN_IF_ERROR(checks.Project("projectId", in.project_id()).Result());
    SHODAN_ASSIGN_OR_RETURN(const Secret key,
                            vault_.webhooks.EndpointKey(in.project_id(), call.deadline));
    v1::GetWebhookEndpointKeyResponse out;
    out.set_webhook_endpoint_key(BytesOf(key));
    return out;
  };
  return Run(context, "GetWebhookEndpointKey", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetLinkDataKey(
    grpc::CallbackServerContext* context, const v1::GetLinkDataKeyRequest* request,
    v1::GetLinkDataKeyResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::GetLinkDataKeyRequest& in) -> absl::StatusOr<v1::GetLinkDataKeyResponse> {
    FieldChecks checks;
    checks.Project("projectId", in.project_id()).User("userId", in.user_id());
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const LinkDataKey key,
        vault_.profiles.GetLinkDataKey(in.project_id(), in.user_id(), call.deadline));
    v1::GetLinkDataKeyResponse out;
    out.set_link_id(key.link_id);
    out.set_generation(key.generation);
    out.set_link_data_key(BytesOf(key.key));
    return out;
  };
  return Run(context, "GetLinkDataKey", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
