// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/grpc_api_key_client.h"

#include <utility>

#include <google/protobuf/util/time_util.h>

#include "shodan/accountlink/v1/account_link_service.grpc.pb.h"

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::accountlink::v1;
using Async = v1::AccountLinkService::StubInterface::async_interface;

ApiKey FromProto(const v1::ApiKey& proto) {
  ApiKey api_key;
  api_key.identity.project_id = proto.project_id();
  api_key.identity.api_key_id = proto.api_key_id();
  api_key.identity.scopes.assign(proto.scopes().begin(), proto.scopes().end());
  api_key.name = proto.name();
  api_key.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  api_key.rotate_time = TimeOf(proto.has_rotate_time(), proto.rotate_time());
  api_key.expire_time = TimeOf(proto.has_expire_time(), proto.expire_time());
  api_key.last_use_time = TimeOf(proto.has_last_use_time(), proto.last_use_time());
  api_key.previous_expire_time =
      TimeOf(proto.has_previous_expire_time(), proto.previous_expire_time());
  return api_key;
}

template <typename Response>
IssuedApiKey IssuedOf(Response response) {
  return IssuedApiKey{FromProto(response.api_key()),
                      Secret::Take(std::move(*response.mutable_text()))};
}

// As many as a project can have: one page.
constexpr int kApiKeysMax = 100;

class GrpcApiKeyClient final : public ApiKeyClient {
 public:
  GrpcApiKeyClient(std::shared_ptr<grpc::Channel> account_link, AssertionSigner& signer)
      : stub_(v1::AccountLinkService::NewStub(account_link)), signer_(signer) {}

  Result<ApiKey> Authenticate(BackendCall call, std::string text) override {
    v1::AuthenticateApiKeyRequest request;
    request.set_text(std::move(text));
    auto operation =
        CallUnary<Async, v1::AuthenticateApiKeyRequest, v1::AuthenticateApiKeyResponse>(
            stub_->async(), &Async::AuthenticateApiKey, std::move(call), "", std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return FromProto(response->api_key());
  }

  Result<IssuedApiKey> Create(BackendCall call, Person admin, NewApiKey content) override {
    auto request = RequestOf<v1::CreateApiKeyRequest>(admin);
    request.set_name(std::move(content.name));
    for (std::string& scope : content.scopes) request.add_scopes(std::move(scope));
    if (content.expire_time.has_value()) {
      *request.mutable_expire_time() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          std::chrono::floor<std::chrono::microseconds>(content.expire_time->time_since_epoch())
              .count());
    }
    auto operation = CallUnary<Async, v1::CreateApiKeyRequest, v1::CreateApiKeyResponse>(
        stub_->async(), &Async::CreateApiKey, std::move(call), Assert(admin), std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return IssuedOf(*std::move(response));
  }

  Result<std::vector<ApiKey>> List(BackendCall call, Person admin) override {
    auto request = RequestOf<v1::ListApiKeysRequest>(admin);
    request.set_page_size(kApiKeysMax);
    auto operation = CallUnary<Async, v1::ListApiKeysRequest, v1::ListApiKeysResponse>(
        stub_->async(), &Async::ListApiKeys, std::move(call), Assert(admin), std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    std::vector<ApiKey> api_keys;
    for (const v1::ApiKey& api_key : response->api_keys()) api_keys.push_back(FromProto(api_key));
    co_return api_keys;
  }

  Result<IssuedApiKey> Rotate(BackendCall call, Person admin, std::string api_key_id,
                              std::chrono::seconds overlap) override {
    auto request = RequestOf<v1::RotateApiKeyRequest>(admin);
    request.set_api_key_id(std::move(api_key_id));
    request.mutable_overlap()->set_seconds(overlap.count());
    auto operation = CallUnary<Async, v1::RotateApiKeyRequest, v1::RotateApiKeyResponse>(
        stub_->async(), &Async::RotateApiKey, std::move(call), Assert(admin), std::move(request));
    auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return IssuedOf(*std::move(response));
  }

  Result<bool> Delete(BackendCall call, Person admin, std::string api_key_id) override {
    auto request = RequestOf<v1::DeleteApiKeyRequest>(admin);
    request.set_api_key_id(std::move(api_key_id));
    auto operation = CallUnary<Async, v1::DeleteApiKeyRequest, v1::DeleteApiKeyResponse>(
        stub_->async(), &Async::DeleteApiKey, std::move(call), Assert(admin), std::move(request));
    const auto response = co_await std::move(operation);
    if (!response.ok()) co_return response.status();
    co_return true;
  }

 private:
  std::string Assert(const Person& admin) { return signer_.For("account-link", admin); }

  std::unique_ptr<v1::AccountLinkService::Stub> stub_;
  AssertionSigner& signer_;
};

}  // namespace

std::unique_ptr<ApiKeyClient> MakeGrpcApiKeyClient(std::shared_ptr<grpc::Channel> account_link,
                                                   AssertionSigner& signer) {
  return std::make_unique<GrpcApiKeyClient>(std::move(account_link), signer);
}

}  // namespace shodan::gateway
