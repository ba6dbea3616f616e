// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/grpc/convert.h"

#include <google/protobuf/util/time_util.h>

namespace shodan::tokenvault {
namespace {

// The enumerations are in the same order on both sides; these hold the ends together.
static_assert(static_cast<int>(GrantState::kDisconnecting) + 1 == v1::GRANT_STATE_DISCONNECTING);
static_assert(static_cast<int>(GrantCause::kAppReplaced) == v1::GRANT_CAUSE_APP_REPLACED);
static_assert(static_cast<int>(AttemptState::kEnded) + 1 == v1::ATTEMPT_STATE_ENDED);
static_assert(static_cast<int>(AttemptResult::kConnectedElsewhere) ==
              v1::ATTEMPT_RESULT_CONNECTED_ELSEWHERE);
static_assert(static_cast<int>(Purpose::kImport) + 1 == v1::AUTHORIZATION_PURPOSE_IMPORT);
static_assert(static_cast<int>(IdentityMatch::kDifferent) == v1::IDENTITY_MATCH_DIFFERENT);

}  // namespace

google::protobuf::Timestamp ToProto(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

v1::Attempt ToProto(const Attempt& attempt) {
  v1::Attempt message;
  message.set_attempt_id(attempt.attempt_id);
  message.set_project_id(attempt.project_id);
  message.set_user_id(attempt.user_id);
  message.set_purpose(static_cast<v1::AuthorizationPurpose>(static_cast<int>(attempt.purpose) + 1));
  message.set_state(static_cast<v1::AttemptState>(static_cast<int>(attempt.state) + 1));
  message.set_result(static_cast<v1::AttemptResult>(attempt.result));
  *message.mutable_create_time() = ToProto(attempt.created_at);
  *message.mutable_expire_time() = ToProto(attempt.expires_at);
  if (attempt.ended_at.has_value()) *message.mutable_end_time() = ToProto(*attempt.ended_at);
  return message;
}

v1::IdentityMatch ToProto(IdentityMatch match) { return static_cast<v1::IdentityMatch>(match); }

v1::GrantState ToProto(GrantState state) {
  return static_cast<v1::GrantState>(static_cast<int>(state) + 1);
}

v1::GrantCause ToProto(GrantCause cause) { return static_cast<v1::GrantCause>(cause); }

v1::GrantEvent ToProto(const GrantEvent& event) {
  v1::GrantEvent message;
  message.set_event_id(event.event_id);
  message.set_link_id(event.link_id);
  message.set_project_id(event.project_id);
  message.set_user_id(event.user_id);
  message.set_generation(event.generation);
  message.set_state(ToProto(event.state));
  message.set_cause(ToProto(event.cause));
  *message.mutable_create_time() = ToProto(event.created_at);
  return message;
}

v1::ErasureReceipt ToProto(const ErasureProgress& progress) {
  v1::ErasureReceipt message;
  message.set_link_id(progress.link_id);
  message.set_generation(progress.generation);
  *message.mutable_start_time() = ToProto(progress.started_at);
  if (progress.wiped_at.has_value()) *message.mutable_end_time() = ToProto(*progress.wiped_at);
  message.set_revoked_at_zoom(progress.revoked_at_zoom);
  if (progress.wiped_at.has_value() && progress.backups_unreadable_at.has_value()) {
    *message.mutable_backups_unreadable_time() = ToProto(*progress.backups_unreadable_at);
  }
  return message;
}

AttemptResult FromProto(v1::AttemptResult result) { return static_cast<AttemptResult>(result); }

Actor ActorFrom(const rpc::CallContext& call) {
  return {rpc::ActorOf(call), call.caller, call.request_id};
}

}  // namespace shodan::tokenvault
