// SPDX-License-Identifier: Apache-2.0
#include "services/automation/grpc/vault_client.h"

#include <chrono>

#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "libs/rpc/channel.h"
#include "services/automation/domain/errors.h"
#include "services/automation/grpc/backend_status.h"

namespace shodan::automation {
namespace {

namespace backend = ::shodan::tokenvault::v1;
using Stub = backend::TokenVaultService::Stub;

constexpr std::chrono::milliseconds kCallCap = std::chrono::seconds(5);
constexpr std::chrono::milliseconds kReadinessWait{500};

template <typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub, Method<Request, Response> method, const Request& request,
                              const std::string& request_id, Deadline deadline) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, deadline.Cap(kCallCap), request_id, "");
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromVaultStatus(status);
  return response;
}

Secret TakeKey(std::string* bytes) { return Secret::Take(std::move(*bytes)); }

}  // namespace

const google::protobuf::ServiceDescriptor& GrpcVault::ServiceDescriptor() {
  return *backend::VerifyWebhookRequest::descriptor()->file()->FindServiceByName(
      "TokenVaultService");
}

absl::StatusOr<VerifiedWebhook> GrpcVault::Verify(const IncomingWebhook& webhook,
                                                  const std::string& request_id,
                                                  Deadline deadline) {
  backend::VerifyWebhookRequest request;
  request.set_project_id(webhook.project_id);
  if (webhook.project_id.empty()) request.set_client_id(webhook.client_id);
  request.set_timestamp(webhook.timestamp);
  request.set_signature(webhook.signature);
  request.set_body(webhook.body);
  SHODAN_ASSIGN_OR_RETURN(backend::VerifyWebhookResponse answer,
                          Call(*stub_, &Stub::VerifyWebhook, request, request_id, deadline));
  VerifiedWebhook verified;
  verified.project_id = answer.project_id();
  verified.by_previous_secret = answer.by_previous_secret();
  if (answer.has_challenge()) {
    verified.challenge =
        ChallengeAnswer{answer.challenge().plain_token(), answer.challenge().encrypted_token()};
    return verified;
  }
  verified.body_tag = answer.body_tag();
  verified.inbox_key_id = answer.inbox_key_id();
  verified.inbox_key = TakeKey(answer.mutable_inbox_key());
  return verified;
}

absl::StatusOr<std::shared_ptr<const Secret>> GrpcVault::FindInboxKey(
    const std::string& inbox_key_id, Deadline deadline) {
  if (auto known = inbox_keys_.Find(inbox_key_id); known != nullptr) return known;
  backend::GetInboxKeyRequest request;
  request.set_inbox_key_id(inbox_key_id);
  absl::StatusOr<backend::GetInboxKeyResponse> answer =
      Call(*stub_, &Stub::GetInboxKey, request, RandomUuid(), deadline);
  if (HasReason(answer.status(), reason::kInboxKeyNotFound)) return nullptr;
  if (!answer.ok()) return answer.status();
  auto key = std::make_shared<const Secret>(TakeKey(answer->mutable_inbox_key()));
  inbox_keys_.Put(inbox_key_id, key);
  return key;
}

absl::StatusOr<std::shared_ptr<const Secret>> GrpcVault::FindEndpointKey(
    const std::string& project_id, Deadline deadline) {
  if (auto known = endpoint_keys_.Find(project_id); known != nullptr) return known;
  backend::GetWebhookEndpointKeyRequest request;
  request.set_project_id(project_id);
  SHODAN_ASSIGN_OR_RETURN(
      backend::GetWebhookEndpointKeyResponse answer,
      Call(*stub_, &Stub::GetWebhookEndpointKey, request, RandomUuid(), deadline));
  auto key = std::make_shared<const Secret>(TakeKey(answer.mutable_webhook_endpoint_key()));
  endpoint_keys_.Put(project_id, key);
  return key;
}

absl::StatusOr<std::optional<LinkLife>> GrpcVault::FindLink(const std::string& project_id,
                                                            const std::string& zoom_account_id,
                                                            const std::string& zoom_user_id,
                                                            Deadline deadline) {
  backend::ResolveIdentityRequest request;
  request.set_project_id(project_id);
  request.set_zoom_account_id(zoom_account_id);
  request.set_zoom_user_id(zoom_user_id);
  const absl::StatusOr<backend::ResolveIdentityResponse> answer =
      Call(*stub_, &Stub::ResolveIdentity, request, RandomUuid(), deadline);
  if (HasReason(answer.status(), reason::kGrantNotFound)) return std::optional<LinkLife>();
  if (!answer.ok()) return answer.status();
  return std::optional<LinkLife>(
      LinkLife{project_id, answer->user_id(), answer->link_id(), answer->generation()});
}

absl::StatusOr<std::shared_ptr<const LinkDataKey>> GrpcVault::FindLinkDataKey(
    const std::string& project_id, const std::string& user_id, int64_t generation,
    Deadline deadline) {
  const std::string name = LengthPrefixed({project_id, user_id});
  if (auto known = link_keys_.Find(name); known != nullptr && known->generation >= generation) {
    return known;
  }
  backend::GetLinkDataKeyRequest request;
  request.set_project_id(project_id);
  request.set_user_id(user_id);
  absl::StatusOr<backend::GetLinkDataKeyResponse> answer =
      Call(*stub_, &Stub::GetLinkDataKey, request, RandomUuid(), deadline);
  if (HasReason(answer.status(), reason::kGrantNotFound)) return nullptr;
  if (!answer.ok()) return answer.status();
  auto key = std::make_shared<const LinkDataKey>(
      LinkDataKey{answer->generation(), TakeKey(answer->mutable_link_data_key())});
  link_keys_.Put(name, key);
  return key;
}

absl::StatusOr<std::vector<GrantEvent>> GrpcVault::ListGrantEvents(int64_t after_event_id,
                                                                   int limit, Deadline deadline) {
  backend::ListGrantEventsRequest request;
  request.set_after_event_id(after_event_id);
  request.set_page_size(limit);
  SHODAN_ASSIGN_OR_RETURN(const backend::ListGrantEventsResponse answer,
                          Call(*stub_, &Stub::ListGrantEvents, request, RandomUuid(), deadline));
  std::vector<GrantEvent> events;
  for (const backend::GrantEvent& got : answer.events()) {
    events.push_back({.event_id = got.event_id(),
                      .project_id = got.project_id(),
                      .user_id = got.user_id(),
                      .link_id = got.link_id(),
                      .generation = got.generation(),
                      .ended = got.state() == backend::GRANT_STATE_NONE ||
                               got.state() == backend::GRANT_STATE_DISCONNECTING});
  }
  return events;
}

bool GrpcVault::Reachable() const {
  return channel_->WaitForConnected(std::chrono::system_clock::now() + kReadinessWait);
}

}  // namespace shodan::automation
