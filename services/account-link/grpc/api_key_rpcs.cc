// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <utility>

#include <google/protobuf/util/time_util.h>

#include "libs/base/status.h"
#include "services/account-link/grpc/account_link_service.h"
#include "services/account-link/grpc/conversion.h"
#include "services/account-link/grpc/method_name.h"

namespace shodan::account_link {
namespace {

using google::protobuf::util::TimeUtil;

v1::ApiKey ToProto(const ApiKey& api_key) {
  v1::ApiKey out;
  out.set_project_id(api_key.project_id);
  out.set_api_key_id(api_key.api_key_id);
  out.set_name(api_key.name);
  for (const std::string& scope : api_key.scopes) out.add_scopes(scope);
  *out.mutable_create_time() = account_link::ToProto(api_key.create_time);
  *out.mutable_rotate_time() = account_link::ToProto(api_key.rotate_time);
  const auto set = [](const std::optional<Time>& time, google::protobuf::Timestamp* to) {
    *to = account_link::ToProto(*time);
  };
  if (api_key.expire_time.has_value()) set(api_key.expire_time, out.mutable_expire_time());
  if (api_key.last_use_time.has_value()) set(api_key.last_use_time, out.mutable_last_use_time());
  if (api_key.previous_expire_time.has_value()) {
    set(api_key.previous_expire_time, out.mutable_previous_expire_time());
  }
  return out;
}

template <typename Response>
Response AnswerOf(const IssuedApiKey& issued) {
  Response answer;
  *answer.mutable_api_key() = ToProto(issued.api_key);
  answer.set_text(std::string(issued.text.Expose(SecretAccess::ForAnswer())));
  return answer;
}

bool IsTime(const google::protobuf::Timestamp& time) {
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

}  // namespace

grpc::ServerUnaryReactor* AccountLinkService::CreateApiKey(grpc::CallbackServerContext* context,
                                                           const v1::CreateApiKeyRequest* request,
                                                           v1::CreateApiKeyResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("CreateApiKey"), request, response,
      [this](const rpc::CallContext& call,
             const v1::CreateApiKeyRequest& got) -> absl::StatusOr<v1::CreateApiKeyResponse> {
        ApiKeyContent content;
        content.project_id = got.project_id();
        content.name = got.name();
        content.scopes.assign(got.scopes().begin(), got.scopes().end());
        if (got.has_expire_time()) {
          if (!IsTime(got.expire_time())) {
            return InvalidField("expireTime", "MALFORMED", "must be a time");
          }
          content.expire_time =
              Time(std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(got.expire_time())));
        }
        SHODAN_ASSIGN_OR_RETURN(const IssuedApiKey issued,
                                use_cases_.api_keys.Create(std::move(content), ScopeOf(call)));
        return AnswerOf<v1::CreateApiKeyResponse>(issued);
      });
}

grpc::ServerUnaryReactor* AccountLinkService::ListApiKeys(grpc::CallbackServerContext* context,
                                                          const v1::ListApiKeysRequest* request,
                                                          v1::ListApiKeysResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("ListApiKeys"), request, response,
      [this](const rpc::CallContext& call,
             const v1::ListApiKeysRequest& got) -> absl::StatusOr<v1::ListApiKeysResponse> {
        SHODAN_ASSIGN_OR_RETURN(
            Page<ApiKey> page,
            use_cases_.api_keys.List(OwnerOf(got), {got.page_size(), got.page_token()},
                                     ScopeOf(call)));
        v1::ListApiKeysResponse answer;
        for (const ApiKey& api_key : page.records) *answer.add_api_keys() = ToProto(api_key);
        answer.set_next_page_token(std::move(page.next));
        return answer;
      });
}

grpc::ServerUnaryReactor* AccountLinkService::RotateApiKey(grpc::CallbackServerContext* context,
                                                           const v1::RotateApiKeyRequest* request,
                                                           v1::RotateApiKeyResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("RotateApiKey"), request, response,
      [this](const rpc::CallContext& call,
             const v1::RotateApiKeyRequest& got) -> absl::StatusOr<v1::RotateApiKeyResponse> {
        if (!got.has_overlap() || got.overlap().nanos() != 0) {
          return InvalidField("overlapSeconds", "REQUIRED", "is required, in whole seconds");
        }
        SHODAN_ASSIGN_OR_RETURN(const IssuedApiKey issued,
                                use_cases_.api_keys.Rotate(
                                    got.project_id(), got.api_key_id(),
                                    std::chrono::seconds(got.overlap().seconds()), ScopeOf(call)));
        return AnswerOf<v1::RotateApiKeyResponse>(issued);
      });
}

grpc::ServerUnaryReactor* AccountLinkService::DeleteApiKey(grpc::CallbackServerContext* context,
                                                           const v1::DeleteApiKeyRequest* request,
                                                           v1::DeleteApiKeyResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("DeleteApiKey"), request, response,
      [this](const rpc::CallContext& call,
             const v1::DeleteApiKeyRequest& got) -> absl::StatusOr<v1::DeleteApiKeyResponse> {
        SHODAN_RETURN_IF_ERROR(
            use_cases_.api_keys.Delete(got.project_id(), got.api_key_id(), ScopeOf(call)));
        return v1::DeleteApiKeyResponse();
      });
}

grpc::ServerUnaryReactor* AccountLinkService::AuthenticateApiKey(
    grpc::CallbackServerContext* context, const v1::AuthenticateApiKeyRequest* request,
    v1::AuthenticateApiKeyResponse* response) {
  return rpc::RunUnary(
      context, records_, MethodName("AuthenticateApiKey"), request, response,
      [this](const rpc::CallContext& call, const v1::AuthenticateApiKeyRequest& got)
          -> absl::StatusOr<v1::AuthenticateApiKeyResponse> {
        SHODAN_ASSIGN_OR_RETURN(const ApiKey api_key, use_cases_.api_keys.Authenticate(
                                                          Secret(got.text()), ScopeOf(call)));
        v1::AuthenticateApiKeyResponse answer;
        *answer.mutable_api_key() = ToProto(api_key);
        return answer;
      });
}

}  // namespace shodan::account_link
