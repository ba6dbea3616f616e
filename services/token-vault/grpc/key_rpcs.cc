// SPDX-License-Identifier: Apache-2.0
// Administration of key epochs, for operators.
#include "services/token-vault/grpc/convert.h"
#include "services/token-vault/grpc/field_checks.h"
#include "services/token-vault/grpc/tag_rpcs.h"
#include "services/token-vault/grpc/token_vault_service.h"

namespace shodan::tokenvault {
namespace {

using rpc::CallContext;

constexpr int kKeyEpochMax = 1'000'000;

static_assert(static_cast<int>(KeyEpochState::kDestroyed) + 1 == v1::KEY_EPOCH_STATE_DESTROYED);

v1::KeyEpoch ToProto(const KeyEpochStatus& epoch) {
  v1::KeyEpoch message;
  message.set_key_epoch(epoch.key_epoch);
  message.set_state(static_cast<v1::KeyEpochState>(static_cast<int>(epoch.state) + 1));
  message.set_fingerprint(epoch.fingerprint);
  *message.mutable_create_time() = tokenvault::ToProto(epoch.first_seen_at);
  if (epoch.promoted_at) *message.mutable_promote_time() = tokenvault::ToProto(*epoch.promoted_at);
  if (epoch.replaced_at) *message.mutable_replace_time() = tokenvault::ToProto(*epoch.replaced_at);
  if (epoch.retired_at) *message.mutable_retire_time() = tokenvault::ToProto(*epoch.retired_at);
  if (epoch.destroyed_at)
    *message.mutable_destroy_time() = tokenvault::ToProto(*epoch.destroyed_at);
  message.set_row_count(epoch.rows);
  message.set_replica_count(epoch.replicas);
  return message;
}

v1::KeyReplica ToProto(const KeyReplica& replica) {
  v1::KeyReplica message;
  message.set_replica(replica.replica);
  message.set_primary_epoch(replica.primary_epoch);
  for (const int32_t key_epoch : replica.key_epochs) message.add_key_epochs(key_epoch);
  message.set_tag_version(replica.tags.current);
  message.set_next_tag_version(replica.tags.next.value_or(0));
  for (const int32_t version : replica.tag_versions) message.add_tag_versions(version);
  message.set_problem(replica.problem);
  *message.mutable_report_time() = tokenvault::ToProto(replica.reported_at);
  message.set_live(replica.live);
  return message;
}

v1::KeySchedule ToProto(const KeyScheduleState& schedule) {
  v1::KeySchedule message;
  if (schedule.rotation_due) {
    *message.mutable_rotation_due_time() = tokenvault::ToProto(*schedule.rotation_due);
  }
  if (schedule.overdue_since) {
    *message.mutable_overdue_time() = tokenvault::ToProto(*schedule.overdue_since);
  }
  return message;
}

absl::Status CheckEpoch(int32_t key_epoch) {
  FieldChecks checks;
  return checks.Range("keyEpoch", key_epoch, 1, kKeyEpochMax).Result();
}

}  // namespace

grpc::ServerUnaryReactor* TokenVaultServiceImpl::GetKeyStatus(
    grpc::CallbackServerContext* context, const v1::GetKeyStatusRequest* request,
    v1::GetKeyStatusResponse* response) {
  auto handler = [this](
                     const CallContext& call,
                     const v1::GetKeyStatusRequest&) -> absl::StatusOr<v1::GetKeyStatusResponse> {
    SHODAN_ASSIGN_OR_RETURN(const KeyStatus status, keys_.Status(call.deadline));
    SHODAN_ASSIGN_OR_RETURN(const std::vector<TagVersionStatus> versions,
                            tags_.Status(call.deadline));
    v1::GetKeyStatusResponse out;
    for (const KeyEpochStatus& epoch : status.epochs) *out.add_epochs() = ToProto(epoch);
    for (const KeyReplica& replica : status.replicas) *out.add_replicas() = ToProto(replica);
    for (const TagVersionStatus& version : versions) {
      *out.add_tag_versions() = tokenvault::ToProto(version);
    }
    *out.mutable_schedule() = ToProto(keys_.Schedule(status));
    return out;
  };
  return Run(context, "GetKeyStatus", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::RotateKeys(grpc::CallbackServerContext* context,
                                                            const v1::RotateKeysRequest* request,
                                                            v1::RotateKeysResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::RotateKeysRequest& in) -> absl::StatusOr<v1::RotateKeysResponse> {
    SHODAN_RETURN_IF_ERROR(CheckEpoch(in.key_epoch()));
    SHODAN_RETURN_IF_ERROR(keys_.Promote(in.key_epoch(), ActorFrom(call), call.deadline));
    return v1::RotateKeysResponse();
  };
  return Run(context, "RotateKeys", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::RetireKeys(grpc::CallbackServerContext* context,
                                                            const v1::RetireKeysRequest* request,
                                                            v1::RetireKeysResponse* response) {
  auto handler = [this](const CallContext& call,
                        const v1::RetireKeysRequest& in) -> absl::StatusOr<v1::RetireKeysResponse> {
    SHODAN_RETURN_IF_ERROR(CheckEpoch(in.key_epoch()));
    SHODAN_RETURN_IF_ERROR(keys_.Retire(in.key_epoch(), ActorFrom(call), call.deadline));
    return v1::RetireKeysResponse();
  };
  return Run(context, "RetireKeys", request, response, std::move(handler));
}

grpc::ServerUnaryReactor* TokenVaultServiceImpl::DestroyKeys(grpc::CallbackServerContext* context,
                                                             const v1::DestroyKeysRequest* request,
                                                             v1::DestroyKeysResponse* response) {
  auto handler = [this](
                     const CallContext& call,
                     const v1::DestroyKeysRequest& in) -> absl::StatusOr<v1::DestroyKeysResponse> {
    SHODAN_RETURN_IF_ERROR(CheckEpoch(in.key_epoch()));
    SHODAN_RETURN_IF_ERROR(keys_.Destroy(in.key_epoch(), ActorFrom(call), call.deadline));
    return v1::DestroyKeysResponse();
  };
  return Run(context, "DestroyKeys", request, response, std::move(handler));
}

}  // namespace shodan::tokenvault
