// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/vault_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/status_mapping.h"
#include "services/account-link/domain/errors.h"
#include "services/account-link/grpc/vault_conversion.h"

namespace shodan::account_link {
namespace {

namespace vault = ::shodan::tokenvault::v1;

constexpr std::chrono::milliseconds kCallCap = std::chrono::seconds(5);
// Leaves the vault its time for the revocation at Zoom.
constexpr std::chrono::milliseconds kEraseCap = std::chrono::seconds(8);
// The vault waits for its turn at Zoom, asks twice at most and reads the profile.
constexpr std::chrono::milliseconds kImportCap = std::chrono::seconds(30);
constexpr std::chrono::milliseconds kConnectWait = std::chrono::seconds(2);
constexpr int kPendingGrantPageSize = 100;

constexpr std::array kDecisiveReasons = {
    reason::kAttemptNotFound,      reason::kGenerationMismatch,    reason::kPendingGrantNotFound,
    reason::kPendingGrantDead,     reason::kPendingGrantNotProved, reason::kLinkDisconnecting,
    reason::kGrantNotFound,        reason::kZoomUnavailable,       reason::kConnectedElsewhere,
    reason::kImportKeyNotFound,    reason::kImportUndecryptable,   reason::kImportContentInvalid,
    reason::kImportUnknown,        reason::kImportTokenRejected,   reason::kImportAnswerLost,
    reason::kImportInProgress,     reason::kImportRateLimited,     reason::kZoomAppRejected,
    reason::kRevocationInProgress,
};

template <typename Request, typename Response>
using Method = grpc::Status (vault::TokenVaultService::Stub::*)(grpc::ClientContext*,
                                                                const Request&, Response*);

template <typename Request, typename Response>
absl::StatusOr<Response> Call(grpc::Channel& channel, vault::TokenVaultService::Stub& stub,
                              Method<Request, Response> method, const Request& request,
                              const CallScope& scope, std::chrono::milliseconds cap = kCallCap) {
  // A vault that is just being replaced is back soon; one that is gone must not use up the time of
  // the caller, who is told so.
  channel.WaitForConnected(std::chrono::system_clock::now() +
                           std::min(kConnectWait, scope.deadline.Remaining() / 3));
  grpc::ClientContext context;
  rpc::PrepareContext(context, scope.deadline.Cap(cap), scope.actor.request_id, "");
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromVaultStatus(status);
  return response;
}

}  // namespace

absl::Status FromVaultStatus(const grpc::Status& status) {
  absl::Status error = rpc::FromGrpcStatus(status);
  if (error.ok()) return error;
  const std::string got = ReasonOf(error);
  if (std::find(kDecisiveReasons.begin(), kDecisiveReasons.end(), got) != kDecisiveReasons.end()) {
    return error;
  }
  absl::Status unavailable =
      MakeError(absl::StatusCode::kUnavailable, reason::kVaultUnavailable,
                "The token vault does not answer at present. What was asked for goes on by itself.",
                {{"vaultCode", absl::StatusCodeToString(error.code())}, {"vaultReason", got}});
  return WithRetryAfter(std::move(unavailable),
                        RetryAfterOf(error).value_or(std::chrono::seconds(1)));
}

const google::protobuf::ServiceDescriptor& GrpcVault::ServiceDescriptor() {
  return *vault::GetAttemptRequest::descriptor()->file()->FindServiceByName("TokenVaultService");
}

absl::StatusOr<Attempt> GrpcVault::GetAttempt(const UserKey& owner, const std::string& attempt_id,
                                              const CallScope& scope) {
  vault::GetAttemptRequest request;
  request.set_project_id(owner.project_id);
  request.set_user_id(owner.user_id);
  request.set_attempt_id(attempt_id);
  SHODAN_ASSIGN_OR_RETURN(
      const vault::GetAttemptResponse answer,
      Call(*channel_, *stub_, &vault::TokenVaultService::Stub::GetAttempt, request, scope));
  return ReadAttempt(answer);
}

absl::StatusOr<ActivatedGrant> GrpcVault::ActivateGrant(const Activation& wish,
                                                        const CallScope& scope) {
  vault::ActivateGrantRequest request;
  request.set_project_id(wish.owner.project_id);
  request.set_user_id(wish.owner.user_id);
  request.set_attempt_id(wish.attempt_id);
  request.set_link_id(wish.link_id);
  request.set_expected_generation(wish.expected_generation);
  request.set_decision_id(wish.decision_id);
  SHODAN_ASSIGN_OR_RETURN(
      const vault::ActivateGrantResponse answer,
      Call(*channel_, *stub_, &vault::TokenVaultService::Stub::ActivateGrant, request, scope));
  return ReadActivation(answer);
}

absl::Status GrpcVault::DiscardPendingGrant(const Discarding& wish, const CallScope& scope) {
  vault::DiscardPendingGrantRequest request;
  request.set_attempt_id(wish.attempt_id);
  request.set_result(ToVault(wish.result));
  request.set_decision_id(wish.decision_id);
  return Call(*channel_, *stub_, &vault::TokenVaultService::Stub::DiscardPendingGrant, request,
              scope)
      .status();
}

absl::StatusOr<Erasure> GrpcVault::EraseGrant(const Erasing& wish, const CallScope& scope) {
  vault::EraseGrantRequest request;
  request.set_project_id(wish.owner.project_id);
  request.set_user_id(wish.owner.user_id);
  request.set_link_id(wish.link_id);
  request.set_expected_generation(wish.expected_generation);
  request.set_decision_id(wish.decision_id);
  request.set_cause(ToVault(wish.cause));
  SHODAN_ASSIGN_OR_RETURN(const vault::EraseGrantResponse answer,
                          Call(*channel_, *stub_, &vault::TokenVaultService::Stub::EraseGrant,
                               request, scope, kEraseCap));
  return ReadErasure(answer);
}

absl::StatusOr<IdentifiedLink> GrpcVault::ResolveIdentity(const ZoomIdentity& identity,
                                                          const CallScope& scope) {
  vault::ResolveIdentityRequest request;
  request.set_project_id(identity.project_id);
  request.set_zoom_account_id(identity.zoom_account_id);
  request.set_zoom_user_id(identity.zoom_user_id);
  SHODAN_ASSIGN_OR_RETURN(
      const vault::ResolveIdentityResponse answer,
      Call(*channel_, *stub_, &vault::TokenVaultService::Stub::ResolveIdentity, request, scope));
  return IdentifiedLink{
      {identity.project_id, answer.user_id()}, answer.link_id(), answer.generation()};
}

absl::StatusOr<ImportedGrant> GrpcVault::ImportGrant(const GrantToImport& wish,
                                                     const CallScope& scope) {
  vault::ImportGrantRequest request;
  request.set_project_id(wish.owner.project_id);
  request.set_user_id(wish.owner.user_id);
  request.set_envelope(wish.envelope);
  for (const std::string& name : wish.scopes) request.add_scopes(name);
  request.set_validate_only(wish.validate_only);
  request.set_known_only(wish.known_only);
  SHODAN_ASSIGN_OR_RETURN(const vault::ImportGrantResponse answer,
                          Call(*channel_, *stub_, &vault::TokenVaultService::Stub::ImportGrant,
                               request, scope, kImportCap));
  return ReadImport(answer);
}

absl::StatusOr<PendingGrantPage> GrpcVault::ListPendingGrants(std::chrono::milliseconds min_age,
                                                              const std::string& page,
                                                              const CallScope& scope) {
  vault::ListPendingGrantsRequest request;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(min_age);
  const std::chrono::nanoseconds rest = min_age - seconds;
  request.mutable_min_age()->set_seconds(seconds.count());
  request.mutable_min_age()->set_nanos(static_cast<int32_t>(rest.count()));
  request.set_page_size(kPendingGrantPageSize);
  request.set_page_token(page);
  SHODAN_ASSIGN_OR_RETURN(
      const vault::ListPendingGrantsResponse answer,
      Call(*channel_, *stub_, &vault::TokenVaultService::Stub::ListPendingGrants, request, scope));
  PendingGrantPage found;
  for (const vault::PendingGrant& grant : answer.pending_grants()) {
    found.grants.push_back(
        {.attempt_id = grant.attempt_id(), .owner = {grant.project_id(), grant.user_id()}});
  }
  found.next_page = answer.next_page_token();
  return found;
}

absl::StatusOr<std::vector<GrantEvent>> GrpcVault::ListGrantEvents(int64_t after_event_id,
                                                                   int limit,
                                                                   const CallScope& scope) {
  vault::ListGrantEventsRequest request;
  request.set_after_event_id(after_event_id);
  request.set_page_size(limit);
  SHODAN_ASSIGN_OR_RETURN(
      const vault::ListGrantEventsResponse answer,
      Call(*channel_, *stub_, &vault::TokenVaultService::Stub::ListGrantEvents, request, scope));
  std::vector<GrantEvent> events;
  for (const vault::GrantEvent& got : answer.events()) {
    SHODAN_ASSIGN_OR_RETURN(GrantEvent event, ReadGrantEvent(got));
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace shodan::account_link
