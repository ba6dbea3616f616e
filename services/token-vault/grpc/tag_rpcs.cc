// SPDX-License-Identifier: Apache-2.0
// Administration of tag keys, for operators.
#include "services/token-vault/grpc/tag_rpcs.h"

#include "services/token-vault/grpc/convert.h"
#include "services/token-vault/grpc/field_checks.h"
#include "services/token-vault/grpc/token_vault_service.h"

namespace shodan::tokenvault {
namespace {

using rpc::CallContext;

constexpr int kTagVersionMax = 1'000'000;

static_assert(static_cast<int>(TagVersionState::kRetired) + 1 == v1::TAG_VERSION_STATE_RETIRED);

absl::Status CheckVersion(int32_t tag_version) {
  FieldChecks checks;
  return checks.Range("tagVersion", tag_version, 1, kTagVersionMax).Result();
}

}  // namespace

v1::TagVersion ToProto(const TagVersionStatus& version) {
  v1::TagVersion message;
  message.set_tag_version(version.tag_version);
  message.set_state(static_cast<v1::TagVersionState>(static_cast<int>(version.state) + 1));
  message.set_fingerprint(version.fingerprint);
  *message.mutable_create_time() = ToProto(version.first_seen_at);
  if (version.begun_at) *message.mutable_begin_time() = ToProto(*version.begun_at);
  if (version.promoted_at) *message.mutable_promote_time() = ToProto(*version.promoted_at);
  if (version.replaced_at) *message.mutable_replace_time() = ToProto(*version.replaced_at);
  if (version.retired_at) *message.mutable_retire_time() = ToProto(*version.retired_at);
  message.set_rows_left(version.rows_left);
  message.set_replica_count(version.replicas);
  return message;
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::BeginTagRotation(
    grpc::CallbackServerContext* context, const v1::BeginTagRotationRequest* request,
    v1::BeginTagRotationResponse* response) {
  auto handler = [this](const CallContext& call, const v1::BeginTagRotationRequest& in)
      -> absl::StatusOr<v1::BeginTagRotationResponse> {
    SHODAN_RETURN_IF_ERROR(CheckVersion(in.tag_version()));
    SHODAN_RETURN_IF_ERROR(tags_.Begin(in.tag_version(), ActorFrom(call), call.deadline));
    return v1::BeginTagRotationResponse();
  };
  return Run(context, "BeginTagRotation", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::SwitchTags(grpc::CallbackServerContext* context,
                                                            const v1::SwitchTagsRequest* request,
                                                            v1::SwitchTagsResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::SwitchTagsRequest& in) -> absl::StatusOr<v1::SwitchTagsResponse> {
    SHODAN_RETURN_IF_ERROR(CheckVersion(in.tag_version()));
    SHODAN_RETURN_IF_ERROR(tags_.Switch(in.tag_version(), ActorFrom(call), call.deadline));
    return v1::SwitchTagsResponse();
  };
  return Run(context, "SwitchTags", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::RetireTagKey(
    grpc::CallbackServerContext* context, const v1::RetireTagKeyRequest* request,
    v1::RetireTagKeyResponse* response) {
  auto handler =
      [this](const CallContext& call,
             const v1::RetireTagKeyRequest& in) -> absl::StatusOr<v1::RetireTagKeyResponse> {
    SHODAN_RETURN_IF_ERROR(CheckVersion(in.tag_version()));
    SHODAN_RETURN_IF_ERROR(tags_.Retire(in.tag_version(), ActorFrom(call), call.deadline));
    return v1::RetireTagKeyResponse();
  };
  return Run(context, "RetireTagKey", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
