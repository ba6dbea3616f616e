// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/conversion.h"

#include <chrono>

namespace shodan::account_link {
namespace {

v1::LinkState ToProto(LinkState state) {
  switch (state) {
    case LinkState::kNone:
      return v1::LINK_STATE_NONE;
    case LinkState::kActive:
      return v1::LINK_STATE_ACTIVE;
    case LinkState::kReconnectRequired:
      return v1::LINK_STATE_RECONNECT_REQUIRED;
    case LinkState::kDisconnecting:
      return v1::LINK_STATE_DISCONNECTING;
  }
  return v1::LINK_STATE_UNSPECIFIED;
}

v1::LinkCause ToProto(LinkCause cause) {
  switch (cause) {
    case LinkCause::kUnspecified:
      return v1::LINK_CAUSE_UNSPECIFIED;
    case LinkCause::kLostResponse:
      return v1::LINK_CAUSE_LOST_RESPONSE;
    case LinkCause::kRevoked:
      return v1::LINK_CAUSE_REVOKED;
    case LinkCause::kAccountInactive:
      return v1::LINK_CAUSE_ACCOUNT_INACTIVE;
    case LinkCause::kReauthorizedElsewhere:
      return v1::LINK_CAUSE_REAUTHORIZED_ELSEWHERE;
    case LinkCause::kExpired:
      return v1::LINK_CAUSE_EXPIRED;
    case LinkCause::kTakenOver:
      return v1::LINK_CAUSE_TAKEN_OVER;
    case LinkCause::kDisconnected:
      return v1::LINK_CAUSE_DISCONNECTED;
    case LinkCause::kDisconnectedByAdmin:
      return v1::LINK_CAUSE_DISCONNECTED_BY_ADMIN;
    case LinkCause::kAppReplaced:
      return v1::LINK_CAUSE_APP_REPLACED;
  }
  return v1::LINK_CAUSE_UNSPECIFIED;
}

v1::LinkEventKind ToProto(LinkEventKind kind) {
  switch (kind) {
    case LinkEventKind::kSnapshot:
      return v1::LINK_EVENT_KIND_SNAPSHOT;
    case LinkEventKind::kSnapshotEnd:
      return v1::LINK_EVENT_KIND_SNAPSHOT_END;
    case LinkEventKind::kChange:
      return v1::LINK_EVENT_KIND_CHANGE;
    case LinkEventKind::kHeartbeat:
      return v1::LINK_EVENT_KIND_HEARTBEAT;
  }
  return v1::LINK_EVENT_KIND_UNSPECIFIED;
}

v1::CallOutcome ToProto(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::kUnspecified:
      return v1::CALL_OUTCOME_UNSPECIFIED;
    case CallOutcome::kConnected:
      return v1::CALL_OUTCOME_CONNECTED;
    case CallOutcome::kMissed:
      return v1::CALL_OUTCOME_MISSED;
    case CallOutcome::kBusy:
      return v1::CALL_OUTCOME_BUSY;
    case CallOutcome::kVoicemail:
      return v1::CALL_OUTCOME_VOICEMAIL;
    case CallOutcome::kFailed:
      return v1::CALL_OUTCOME_FAILED;
  }
  return v1::CALL_OUTCOME_UNSPECIFIED;
}

std::optional<CallOutcome> FromProto(v1::CallOutcome outcome) {
  switch (outcome) {
    case v1::CALL_OUTCOME_UNSPECIFIED:
      return CallOutcome::kUnspecified;
    case v1::CALL_OUTCOME_CONNECTED:
      return CallOutcome::kConnected;
    case v1::CALL_OUTCOME_MISSED:
      return CallOutcome::kMissed;
    case v1::CALL_OUTCOME_BUSY:
      return CallOutcome::kBusy;
    case v1::CALL_OUTCOME_VOICEMAIL:
      return CallOutcome::kVoicemail;
    case v1::CALL_OUTCOME_FAILED:
      return CallOutcome::kFailed;
    default:
      return std::nullopt;
  }
}

// Absent: the duration becomes unknown.
std::optional<std::chrono::seconds> DurationOf(const v1::Call& call, RequestCheck& check) {
  if (!call.has_duration()) return std::nullopt;
  if (call.duration().nanos() != 0) {
    check.Add("durationSeconds", "MALFORMED", "must be whole seconds");
    return std::nullopt;
  }
  return std::chrono::seconds(call.duration().seconds());
}

}  // namespace

google::protobuf::Timestamp ToProto(Time time) {
  const auto since_epoch = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch - seconds);
  google::protobuf::Timestamp out;
  out.set_seconds(seconds.count());
  out.set_nanos(static_cast<int32_t>(rest.count()));
  return out;
}

v1::Link ToProto(const Link& link) {
  v1::Link out;
  out.set_project_id(link.owner.project_id);
  out.set_user_id(link.owner.user_id);
  out.set_link_id(link.link_id);
  out.set_state(ToProto(link.state));
  out.set_cause(ToProto(link.cause));
  out.set_generation(link.generation);
  if (link.connect_time.has_value()) *out.mutable_connect_time() = ToProto(*link.connect_time);
  if (link.update_time.has_value()) *out.mutable_update_time() = ToProto(*link.update_time);
  return out;
}

v1::LinkEvent ToProto(const LinkEvent& event, const std::string& project_id) {
  v1::LinkEvent out;
  out.set_kind(ToProto(event.kind));
  if (event.resume.has_value()) {
    out.set_resume_token(EncodeResumeToken(*event.resume, project_id));
  }
  if (event.kind != LinkEventKind::kSnapshot && event.kind != LinkEventKind::kChange) return out;
  *out.mutable_event_time() = ToProto(event.link.change_time);
  out.set_project_id(event.link.owner.project_id);
  out.set_user_id(event.link.owner.user_id);
  out.set_link_id(event.link.link_id);
  out.set_generation(event.link.generation);
  out.set_state(ToProto(event.link.state));
  out.set_cause(ToProto(event.link.cause));
  return out;
}

v1::DisconnectReceipt ToProto(const DisconnectReceipt& receipt) {
  v1::DisconnectReceipt out;
  out.set_link_id(receipt.link_id);
  out.set_generation(receipt.generation);
  if (receipt.start_time.has_value()) *out.mutable_start_time() = ToProto(*receipt.start_time);
  if (receipt.end_time.has_value()) *out.mutable_end_time() = ToProto(*receipt.end_time);
  out.set_revoked_at_zoom(receipt.revoked_at_zoom);
  if (receipt.backups_unreadable_time.has_value()) {
    *out.mutable_backups_unreadable_time() = ToProto(*receipt.backups_unreadable_time);
  }
  return out;
}

v1::Project ToProto(const Project& project) {
  v1::Project out;
  out.set_project_id(project.project_id);
  out.set_display_name(project.display_name);
  out.set_settings_url(project.settings_url);
  for (const std::string& origin : project.origins) out.add_origins(origin);
  for (const TokenIssuer& issuer : project.token_issuers) {
    v1::TokenIssuer& added = *out.add_token_issuers();
    added.set_issuer(issuer.issuer);
    added.set_audience(issuer.audience);
    added.set_jwks_url(issuer.jwks_url);
    added.set_jwks(issuer.jwks);
    added.set_user_claim(issuer.user_claim);
    added.set_name_claim(issuer.name_claim);
    added.set_role_claim(issuer.role_claim);
    added.set_admin_role(issuer.admin_role);
  }
  return out;
}

v1::Call ToProto(const Call& call) {
  v1::Call out;
  out.set_call_id(call.call_id);
  out.set_number(call.content.number);
  out.set_input_number(call.content.input_number);
  out.set_region_code(call.content.region_code);
  out.set_company_id(call.content.company_id);
  out.set_person_id(call.content.person_id);
  out.set_outcome(ToProto(call.outcome));
  *out.mutable_start_time() = ToProto(call.start_time);
  if (call.duration.has_value()) out.mutable_duration()->set_seconds(call.duration->count());
  *out.mutable_create_time() = ToProto(call.create_time);
  *out.mutable_update_time() = ToProto(call.update_time);
  out.set_etag(call.etag);
  return out;
}

v1::CallNote ToProto(const Note& note) {
  v1::CallNote out;
  out.set_note_id(note.note_id);
  out.set_text(note.content.text);
  out.set_company_id(note.content.company_id);
  out.set_person_id(note.content.person_id);
  out.set_call_id(note.content.call_id);
  *out.mutable_create_time() = ToProto(note.create_time);
  *out.mutable_update_time() = ToProto(note.update_time);
  out.set_etag(note.etag);
  return out;
}

CallContent ContentOf(const v1::Call& call) {
  return {.number = call.number(),
          .input_number = call.input_number(),
          .region_code = call.region_code(),
          .company_id = call.company_id(),
          .person_id = call.person_id()};
}

NoteContent ContentOf(const v1::CallNote& note) {
  return {.text = note.text(),
          .company_id = note.company_id(),
          .person_id = note.person_id(),
          .call_id = note.call_id()};
}

CallChange ChangeOf(const v1::UpdateCallRequest& request, RequestCheck& check) {
  CallChange change;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "outcome") {
      change.outcome = FromProto(request.call().outcome());
      if (!change.outcome.has_value()) {
        check.Add("outcome", "MALFORMED", "must be one of the known outcomes");
      }
    } else if (path == "duration") {
      change.duration = DurationOf(request.call(), check);
    } else {
      check.Add("updateMask", "NOT_ALLOWED", "may name outcome and duration only");
    }
  }
  if (request.update_mask().paths().empty()) {
    check.Add("updateMask", "REQUIRED", "must name outcome, duration or both");
  }
  return change;
}

CallScope ScopeOf(const rpc::CallContext& call) {
  return {
      .actor = {.name = rpc::ActorOf(call), .caller = call.caller, .request_id = call.request_id},
      .deadline = call.deadline};
}

}  // namespace shodan::account_link
