// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/grpc/vault_client.h"

#include <chrono>

#include "libs/base/status.h"
#include "libs/rpc/unary_call.h"
#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

namespace v1 = ::shodan::tokenvault::v1;
using Async = v1::TokenVaultService::StubInterface::async_interface;

// A refresh inside the call takes as long as Zoom takes for it.
constexpr std::chrono::milliseconds kCallCap = std::chrono::seconds(11);
constexpr std::chrono::milliseconds kReadinessWait{500};

}  // namespace

const google::protobuf::ServiceDescriptor& GrpcVault::ServiceDescriptor() {
  return *v1::GetAccessTokenRequest::descriptor()->file()->FindServiceByName("TokenVaultService");
}

boost::asio::awaitable<absl::StatusOr<AccessToken>> GrpcVault::Get(Requester requester,
                                                                   int64_t rejected_version,
                                                                   Deadline deadline) {
  v1::GetAccessTokenRequest request;
  request.set_project_id(requester.project_id);
  request.set_user_id(requester.user_id);
  request.set_rejected_token_version(rejected_version);
  auto operation = rpc::CallUnary<Async, v1::GetAccessTokenRequest, v1::GetAccessTokenResponse>(
      stub_->async(), &Async::GetAccessToken, deadline.Cap(kCallCap), std::move(requester.call_id),
      "", std::move(request));
  absl::StatusOr<v1::GetAccessTokenResponse> response = co_await std::move(operation);
  if (!response.ok()) co_return FromVaultStatus(response.status());
  AccessToken token;
  token.token = Secret::Take(std::move(*response->mutable_access_token()));
  token.version = response->token_version();
  token.api_base_url = response->api_base_url();
  token.account_tag = response->account_tag();
  token.scopes.assign(response->scopes().begin(), response->scopes().end());
  co_return token;
}

bool GrpcVault::Reachable() const {
  return channel_->WaitForConnected(std::chrono::system_clock::now() + kReadinessWait);
}

absl::Status FromVaultStatus(const absl::Status& error) {
  if (HasReason(error, "GRANT_NOT_FOUND") || HasReason(error, "PROJECT_NOT_FOUND")) {
    return NotConnected();
  }
  if (HasReason(error, reason::kReconnectRequired)) return error;
  if (HasReason(error, reason::kZoomUnavailable) || HasReason(error, "ZOOM_APP_REJECTED")) {
    absl::Status unavailable = ZoomUnavailable();
    const auto delay = RetryAfterOf(error);
    return delay.has_value() ? WithRetryAfter(std::move(unavailable), *delay) : unavailable;
  }
  if (error.code() == absl::StatusCode::kCancelled) return CallCancelled();
  return WithRetryAfter(VaultUnavailable(), RetryAfterOf(error).value_or(std::chrono::seconds(1)));
}

}  // namespace shodan::zoomapi
