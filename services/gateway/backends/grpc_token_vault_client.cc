// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_token_vault_client.h"

#include "shodan/tokenvault/v1/token_vault_service.grpc.pb.h"

#include "libs/base/status.h"
#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::tokenvault::v1;
using Async = v1::TokenVaultService::StubInterface::async_interface;

constexpr std::string_view kAudience = "token-vault";

AttemptState StateOf(v1::AttemptState state) {
  switch (state) {
    case v1::ATTEMPT_STATE_EXCHANGING:
      return AttemptState::kExchanging;
    case v1::ATTEMPT_STATE_EXCHANGED:
      return AttemptState::kExchanged;
    case v1::ATTEMPT_STATE_ACTIVATED:
      return AttemptState::kActivated;
    case v1::ATTEMPT_STATE_ENDED:
      return AttemptState::kEnded;
    default:
      return AttemptState::kPending;
  }
}

std::string_view ResultOf(v1::AttemptState state, v1::AttemptResult result) {
  if (state == v1::ATTEMPT_STATE_ACTIVATED) return "connected";
  if (state != v1::ATTEMPT_STATE_ENDED) return {};
  switch (result) {
    case v1::ATTEMPT_RESULT_CONNECTED:
      return "connected";
    case v1::ATTEMPT_RESULT_CANCELLED:
    case v1::ATTEMPT_RESULT_SUPERSEDED:  // by the user's own disconnect
      return "cancelled";
    case v1::ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED:
      return "other_account_connected";
    case v1::ATTEMPT_RESULT_DIFFERENT_ACCOUNT:
      return "different_account";
    case v1::ATTEMPT_RESULT_EXPIRED:
      return "expired";
    default:
      return "system_error";
  }
}

Attempt FromProto(const v1::Attempt& proto) {
  Attempt attempt;
  attempt.attempt_id = proto.attempt_id();
  attempt.project_id = proto.project_id();
  attempt.user_id = proto.user_id();
  attempt.state = StateOf(proto.state());
  attempt.result = ResultOf(proto.state(), proto.result());
  attempt.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  attempt.end_time = TimeOf(proto.has_end_time(), proto.end_time());
  attempt.expire_time = TimeOf(proto.has_expire_time(), proto.expire_time());
  return attempt;
}

class GrpcTokenVaultClient final : public TokenVaultClient {
 public:
  GrpcTokenVaultClient(std::shared_ptr<grpc::Channel> channel, AssertionSigner& signer)
      : stub_(v1::TokenVaultService::NewStub(channel)), signer_(signer) {}

  Result<StartedAuthorization> StartAuthorization(BackendCall call, Person person,
                                                  std::string user_display_name, bool reconnect,
                                                  std::string attempt_id) override {
    auto request = RequestOf<v1::StartAuthorizationRequest>(person);
    request.set_purpose(reconnect ? v1::AUTHORIZATION_PURPOSE_RECONNECT
                                  : v1::AUTHORIZATION_PURPOSE_CONNECT);
    request.set_user_display_name(std::move(user_display_name));
    request.set_attempt_id(std::move(attempt_id));
    auto operation =
        CallUnary<Async, v1::StartAuthorizationRequest, v1::StartAuthorizationResponse>(
            stub_->async(), &Async::StartAuthorization, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    StartedAuthorization started;
    started.attempt = FromProto(response->attempt());
    started.ticket = response->ticket();
    co_return started;
  }

  Result<RedeemedTicket> RedeemTicket(BackendCall call, TicketPresentation shown) override {
    v1::RedeemTicketRequest request;
    request.set_ticket(std::move(shown.ticket));
    request.set_session_project_id(std::move(shown.session_project_id));
    request.set_session_user_id(std::move(shown.session_user_id));
    request.set_confirmed(shown.confirmed);
    auto operation = CallUnary<Async, v1::RedeemTicketRequest, v1::RedeemTicketResponse>(
        stub_->async(), &Async::RedeemTicket, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    if (response->has_redirect()) {
      const auto& proto = response->redirect();
      TicketRedirect redirect;
      redirect.authorization_url = proto.authorization_url();
      redirect.cookie_name = proto.cookie_name();
      redirect.cookie_value = proto.cookie_value();
      redirect.max_age = std::chrono::seconds(proto.max_age().seconds());
      co_return RedeemedTicket(std::move(redirect));
    }
    TicketConfirmation confirmation;
    confirmation.user_display_name = response->confirmation().user_display_name();
    confirmation.project_id = response->confirmation().project_id();
    co_return RedeemedTicket(std::move(confirmation));
  }

  Result<Attempt> ExchangeCode(BackendCall call, CallbackPresentation shown) override {
    v1::ExchangeCodeRequest request;
    request.set_state(std::move(shown.state));
    request.set_cookie_value(std::move(shown.cookie_value));
    request.set_code(std::move(shown.code));
    request.set_error(std::move(shown.error));
    auto operation = CallUnary<Async, v1::ExchangeCodeRequest, v1::ExchangeCodeResponse>(
        stub_->async(), &Async::ExchangeCode, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->attempt());
  }

  Result<Attempt> GetAttempt(BackendCall call, Person person, std::string attempt_id) override {
    auto request = RequestOf<v1::GetAttemptRequest>(person);
    request.set_attempt_id(std::move(attempt_id));
    auto operation = CallUnary<Async, v1::GetAttemptRequest, v1::GetAttemptResponse>(
        stub_->async(), &Async::GetAttempt, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->attempt());
  }

  Result<ZoomProfile> GetProfile(BackendCall call, Person person) override {
    auto request = RequestOf<v1::GetProfileRequest>(person);
    auto operation = CallUnary<Async, v1::GetProfileRequest, v1::GetProfileResponse>(
        stub_->async(), &Async::GetProfile, std::move(call), signer_.For(kAudience, person),
        std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    ZoomProfile profile;
    profile.display_name = response->profile().display_name();
    profile.email = response->profile().email();
    for (const auto& scope : response->profile().missing_scopes()) {
      profile.missing_scopes.push_back(scope);
    }
    co_return profile;
  }

 private:
  std::unique_ptr<v1::TokenVaultService::Stub> stub_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<TokenVaultClient> MakeGrpcTokenVaultClient(std::shared_ptr<grpc::Channel> channel,
                                                           AssertionSigner& signer) {
  return std::make_unique<GrpcTokenVaultClient>(std::move(channel), signer);
}

}  // namespace shodan::gateway
