// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/grpc/token_vault_service.h"

#include <google/protobuf/util/time_util.h>

#include "services/token-vault/grpc/convert.h"
#include "services/token-vault/grpc/field_checks.h"

namespace shodan::tokenvault {
namespace {

using google::protobuf::util::TimeUtil;
using rpc::CallContext;

constexpr int kPageSizeDefault = 100;
constexpr int kPageSizeMax = 1'000;
constexpr int64_t kMinAgeSecondsMax = 24 * 3600;
constexpr size_t kOpaqueSizeMax = 128;
constexpr size_t kCodeSizeMax = 2'048;
constexpr size_t kNameSizeMax = 255;
constexpr size_t kZoomIdBytesMax = 512;

int PageSize(int32_t asked) { return asked == 0 ? kPageSizeDefault : asked; }

FieldChecks& CheckOwner(FieldChecks& checks, const std::string& project_id,
                        const std::string& user_id) {
  return checks.Project("projectId", project_id).User("userId", user_id);
}

}  // namespace

grpc::ServerUnaryReactor* TokenVaultServiceImpl::StartAuthorization(
    grpc::CallbackServerContext* context, const v1::StartAuthorizationRequest* request,
    v1::StartAuthorizationResponse* response) {
  auto handler = [this](const CallContext& call, const v1::StartAuthorizationRequest& in)
      -> absl::StatusOr<v1::StartAuthorizationResponse> {
    FieldChecks checks;
    CheckOwner(checks, in.project_id(), in.user_id())
        .Text("userDisplayName", in.user_display_name(), 0, kNameSizeMax)
        .Range("purpose", in.purpose(), v1::AUTHORIZATION_PURPOSE_CONNECT,
               v1::AUTHORIZATION_PURPOSE_RECONNECT)
        .Uuid("attemptId", in.attempt_id(), false);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    const Purpose purpose =
        in.purpose() == v1::AUTHORIZATION_PURPOSE_CONNECT ? Purpose::kConnect : Purpose::kReconnect;
    SHODAN_ASSIGN_OR_RETURN(
        const StartedAuthorization started,
        vault_.authorization.Start(in.project_id(), in.user_id(), in.user_display_name(), purpose,
                                   in.attempt_id(), ActorFrom(call), call.deadline));
    v1::StartAuthorizationResponse out;
    *out.mutable_attempt() = ToProto(started.attempt);
    out.set_ticket(std::string(started.ticket.Expose(SecretAccess::ForAnswer())));
    *out.mutable_ticket_expire_time() = ToProto(started.ticket_expires_at);
    return out;
  };
  return Run(context, "StartAuthorization", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::RedeemTicket(
    grpc::CallbackServerContext* context, const v1::RedeemTicketRequest* request,
    v1::RedeemTicketResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::RedeemTicketRequest& in) -> absl::StatusOr<v1::RedeemTicketResponse> {
    FieldChecks checks;
    checks.Text("ticket", in.ticket(), 1, kOpaqueSizeMax);
    std::optional<Owner> session_user;
    if (!in.session_project_id().empty() || !in.session_user_id().empty()) {
      checks.Project("sessionProjectId", in.session_project_id())
          .User("sessionUserId", in.session_user_id());
      session_user = Owner{in.session_project_id(), in.session_user_id()};
    }
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(const RedeemedTicket redeemed,
                            vault_.authorization.Redeem(Secret(in.ticket()), session_user,
                                                        in.confirmed(), call.deadline));
    v1::RedeemTicketResponse out;
    if (redeemed.confirm_user_name.has_value()) {
      out.mutable_confirmation()->set_user_display_name(*redeemed.confirm_user_name);
      out.mutable_confirmation()->set_project_id(redeemed.project_id);
      return out;
    }
    auto& redirect = *out.mutable_redirect();
    redirect.set_authorization_url(
        std::string(redeemed.authorization_url.Expose(SecretAccess::ForAnswer())));
    redirect.set_cookie_name(redeemed.cookie_name);
    redirect.set_cookie_value(std::string(redeemed.cookie_value.Expose(SecretAccess::ForAnswer())));
    *redirect.mutable_max_age() = TimeUtil::MillisecondsToDuration(redeemed.max_age.count());
    return out;
  };
  return Run(context, "RedeemTicket", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ExchangeCode(
    grpc::CallbackServerContext* context, const v1::ExchangeCodeRequest* request,
    v1::ExchangeCodeResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::ExchangeCodeRequest& in) -> absl::StatusOr<v1::ExchangeCodeResponse> {
    FieldChecks checks;
    checks.Text("state", in.state(), 1, kOpaqueSizeMax)
        .Text("cookieValue", in.cookie_value(), 1, kOpaqueSizeMax)
        .Text("code", in.code(), 0, kCodeSizeMax)
        .Text("error", in.error(), 0, kOpaqueSizeMax)
        .That(in.code().empty() != in.error().empty(), "code", "given if and only if error is not");
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const AttemptStanding standing,
        vault_.exchange.Exchange(Secret(in.state()), Secret(in.cookie_value()), Secret(in.code()),
                                 in.error(), ActorFrom(call), call.deadline));
    v1::ExchangeCodeResponse out;
    *out.mutable_attempt() = ToProto(standing.attempt);
    out.set_existing_link_id(standing.identity.existing_link_id);
    out.set_identity_match(ToProto(standing.identity.match));
    return out;
  };
  return Run(context, "ExchangeCode", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetAttempt(grpc::CallbackServerContext* context,
                                                            const v1::GetAttemptRequest* request,
                                                            v1::GetAttemptResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::GetAttemptRequest& in) -> absl::StatusOr<v1::GetAttemptResponse> {
    FieldChecks checks;
    CheckOwner(checks, in.project_id(), in.user_id())
        .Uuid("attemptId", in.attempt_id(), /*required=*/false);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const AttemptStanding standing,
        vault_.exchange.Get(in.project_id(), in.user_id(), in.attempt_id(), call.deadline));
    v1::GetAttemptResponse out;
    *out.mutable_attempt() = ToProto(standing.attempt);
    out.set_existing_link_id(standing.identity.existing_link_id);
    out.set_identity_match(ToProto(standing.identity.match));
    return out;
  };
  return Run(context, "GetAttempt", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ActivateGrant(
    grpc::CallbackServerContext* context, const v1::ActivateGrantRequest* request,
    v1::ActivateGrantResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::ActivateGrantRequest& in) -> absl::StatusOr<v1::ActivateGrantResponse> {
    FieldChecks checks;
    CheckOwner(checks, in.project_id(), in.user_id())
        .Uuid("attemptId", in.attempt_id())
        .Uuid("linkId", in.link_id())
        .Uuid("decisionId", in.decision_id())
        .Range("expectedGeneration", in.expected_generation(), 0, INT64_MAX - 1);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const Activation activation,
        vault_.activation.Activate({in.attempt_id(), in.link_id(), in.project_id(), in.user_id(),
                                    in.expected_generation(), in.decision_id()},
                                   ActorFrom(call), call.deadline));
    v1::ActivateGrantResponse out;
    out.set_generation(activation.generation);
    if (activation.superseded.has_value()) {
      auto& ended = *out.mutable_superseded_link();
      ended.set_link_id(activation.superseded->link_id);
      ended.set_project_id(activation.superseded->project_id);
      ended.set_user_id(activation.superseded->user_id);
      ended.set_generation(activation.superseded->generation);
    }
    return out;
  };
  return Run(context, "ActivateGrant", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::DiscardPendingGrant(
    grpc::CallbackServerContext* context, const v1::DiscardPendingGrantRequest* request,
    v1::DiscardPendingGrantResponse* response) {
  auto handler = [this](const CallContext& call, const v1::DiscardPendingGrantRequest& in)
      -> absl::StatusOr<v1::DiscardPendingGrantResponse> {
    FieldChecks checks;
    checks.Uuid("attemptId", in.attempt_id())
        .Uuid("decisionId", in.decision_id())
        .Range("result", in.result(), v1::ATTEMPT_RESULT_CANCELLED,
               v1::ATTEMPT_RESULT_CONNECTED_ELSEWHERE);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_RETURN_IF_ERROR(vault_.activation.Discard(
        in.attempt_id(), in.decision_id(), FromProto(in.result()), ActorFrom(call), call.deadline));
    return v1::DiscardPendingGrantResponse();
  };
  return Run(context, "DiscardPendingGrant", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ListPendingGrants(
    grpc::CallbackServerContext* context, const v1::ListPendingGrantsRequest* request,
    v1::ListPendingGrantsResponse* response) {
  auto handler = [this](const CallContext& call, const v1::ListPendingGrantsRequest& in)
      -> absl::StatusOr<v1::ListPendingGrantsResponse> {
    // Before the conversion, which overflows far outside.
    const bool min_age_good = in.min_age().seconds() >= 0 && in.min_age().nanos() >= 0 &&
                              in.min_age().seconds() <= kMinAgeSecondsMax;
    FieldChecks checks;
    checks.Range("pageSize", in.page_size(), 0, kPageSizeMax)
        .That(min_age_good, "minAge", "from 0 to 86400 s")
        .Uuid("pageToken", in.page_token(), /*required=*/false);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    const int64_t min_age_ms = TimeUtil::DurationToMilliseconds(in.min_age());
    const int limit = PageSize(in.page_size());
    SHODAN_ASSIGN_OR_RETURN(const std::vector<PendingGrant> grants,
                            pending_.List(std::chrono::milliseconds(min_age_ms), in.page_token(),
                                          limit, call.deadline));
    v1::ListPendingGrantsResponse out;
    for (const PendingGrant& grant : grants) {
      auto& message = *out.add_pending_grants();
      message.set_attempt_id(grant.attempt_id);
      message.set_project_id(grant.project_id);
      message.set_user_id(grant.user_id);
      *message.mutable_create_time() = ToProto(grant.live.stored_at);
    }
    if (static_cast<int>(grants.size()) == limit) {
      out.set_next_page_token(grants.back().attempt_id);
    }
    return out;
  };
  return Run(context, "ListPendingGrants", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ListGrantEvents(
    grpc::CallbackServerContext* context, const v1::ListGrantEventsRequest* request,
    v1::ListGrantEventsResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::ListGrantEventsRequest& in) -> absl::StatusOr<v1::ListGrantEventsResponse> {
    FieldChecks checks;
    checks.Range("pageSize", in.page_size(), 0, kPageSizeMax)
        .Range("afterEventId", in.after_event_id(), 0, INT64_MAX);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const std::vector<GrantEvent> events,
        grants_.ListEvents(in.after_event_id(), PageSize(in.page_size()), call.deadline));
    v1::ListGrantEventsResponse out;
    for (const GrantEvent& event : events) *out.add_events() = ToProto(event);
    return out;
  };
  return Run(context, "ListGrantEvents", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetAccessToken(
    grpc::CallbackServerContext* context, const v1::GetAccessTokenRequest* request,
    v1::GetAccessTokenResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::GetAccessTokenRequest& in) -> absl::StatusOr<v1::GetAccessTokenResponse> {
    FieldChecks checks;
    CheckOwner(checks, in.project_id(), in.user_id())
        .Range("rejectedTokenVersion", in.rejected_token_version(), 0, INT64_MAX);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(const AccessToken token,
                            vault_.access_tokens.Get(in.project_id(), in.user_id(),
                                                     in.rejected_token_version(), call.deadline));
    count_read_(in.project_id(), in.user_id(), token.link_id, call.caller, rpc::ActorOf(call));
    v1::GetAccessTokenResponse out;
    out.set_access_token(std::string(token.token.Expose(SecretAccess::ForAnswer())));
    *out.mutable_expire_time() = ToProto(token.expires_at);
    out.set_token_version(token.token_version);
    out.set_generation(token.generation);
    out.set_api_base_url(token.api_base_url);
    out.set_account_tag(token.account_tag);
    for (const std::string& scope : token.scopes) out.add_scopes(scope);
    return out;
  };
  return Run(context, "GetAccessToken", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetProfile(grpc::CallbackServerContext* context,
                                                            const v1::GetProfileRequest* request,
                                                            v1::GetProfileResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::GetProfileRequest& in) -> absl::StatusOr<v1::GetProfileResponse> {
    FieldChecks checks;
    SHODAN_RETURN_IF_ERROR(CheckOwner(checks, in.project_id(), in.user_id()).Result());
    SHODAN_ASSIGN_OR_RETURN(const ShownProfile shown,
                            vault_.profiles.Get(in.project_id(), in.user_id(), call.deadline));
    v1::GetProfileResponse out;
    out.mutable_profile()->set_display_name(shown.display_name);
    out.mutable_profile()->set_email(shown.email);
    for (const std::string& scope : shown.granted_scopes) {
      out.mutable_profile()->add_granted_scopes(scope);
    }
    for (const std::string& scope : shown.missing_scopes) {
      out.mutable_profile()->add_missing_scopes(scope);
    }
    out.set_grant_state(ToProto(shown.state));
    out.set_generation(shown.generation);
    return out;
  };
  return Run(context, "GetProfile", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::ResolveIdentity(
    grpc::CallbackServerContext* context, const v1::ResolveIdentityRequest* request,
    v1::ResolveIdentityResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::ResolveIdentityRequest& in) -> absl::StatusOr<v1::ResolveIdentityResponse> {
    FieldChecks checks;
    checks.Project("projectId", in.project_id())
        .Text("zoomAccountId", in.zoom_account_id(), 0, kZoomIdBytesMax)
        .Text("zoomUserId", in.zoom_user_id(), 1, kZoomIdBytesMax);
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(const IdentifiedLink link,
                            vault_.profiles.Resolve(in.project_id(), in.zoom_account_id(),
                                                    in.zoom_user_id(), call.deadline));
    v1::ResolveIdentityResponse out;
    out.set_link_id(link.link_id);
    out.set_user_id(link.user_id);
    out.set_generation(link.generation);
    return out;
  };
  return Run(context, "ResolveIdentity", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::EraseGrant(grpc::CallbackServerContext* context,
                                                            const v1::EraseGrantRequest* request,
                                                            v1::EraseGrantResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::EraseGrantRequest& in) -> absl::StatusOr<v1::EraseGrantResponse> {
    FieldChecks checks;
    CheckOwner(checks, in.project_id(), in.user_id())
        .Uuid("linkId", in.link_id())
        .Uuid("decisionId", in.decision_id())
        .Range("expectedGeneration", in.expected_generation(), 0, INT64_MAX - 1)
        .That(in.cause() == v1::GRANT_CAUSE_DISCONNECTED ||
                  in.cause() == v1::GRANT_CAUSE_DISCONNECTED_BY_ADMIN ||
                  in.cause() == v1::GRANT_CAUSE_REVOKED,
              "cause", "DISCONNECTED, DISCONNECTED_BY_ADMIN or REVOKED");
    SHODAN_RETURN_IF_ERROR(checks.Result());
    SHODAN_ASSIGN_OR_RETURN(
        const ErasureProgress progress,
        vault_.erasure.Erase({in.link_id(), in.project_id(), in.user_id(), in.expected_generation(),
                              in.decision_id(), static_cast<GrantCause>(in.cause())},
                             ActorFrom(call), call.deadline));
    v1::EraseGrantResponse out;
    out.set_state(progress.wiped_at.has_value() ? v1::GRANT_STATE_NONE
                                                : v1::GRANT_STATE_DISCONNECTING);
    *out.mutable_receipt() = ToProto(progress);
    return out;
  };
  return Run(context, "EraseGrant", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
