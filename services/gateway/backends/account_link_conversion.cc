// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/backends/account_link_conversion.h"

#include <utility>

#include "services/gateway/backends/unary_call.h"

namespace shodan::gateway {
namespace {

namespace v1 = shodan::accountlink::v1;

constexpr std::pair<v1::CallOutcome, std::string_view> kOutcomes[] = {
    {v1::CALL_OUTCOME_UNSPECIFIED, "unspecified"}, {v1::CALL_OUTCOME_CONNECTED, "connected"},
    {v1::CALL_OUTCOME_MISSED, "missed"},           {v1::CALL_OUTCOME_BUSY, "busy"},
    {v1::CALL_OUTCOME_VOICEMAIL, "voicemail"},     {v1::CALL_OUTCOME_FAILED, "failed"},
};

constexpr std::pair<v1::LinkCause, std::string_view> kCauses[] = {
    {v1::LINK_CAUSE_LOST_RESPONSE, "lost_response"},
    {v1::LINK_CAUSE_REVOKED, "revoked"},
    {v1::LINK_CAUSE_ACCOUNT_INACTIVE, "account_inactive"},
    {v1::LINK_CAUSE_REAUTHORIZED_ELSEWHERE, "reauthorized_elsewhere"},
    {v1::LINK_CAUSE_EXPIRED, "expired"},
    {v1::LINK_CAUSE_TAKEN_OVER, "taken_over"},
    {v1::LINK_CAUSE_DISCONNECTED, "disconnected"},
    {v1::LINK_CAUSE_DISCONNECTED_BY_ADMIN, "disconnected_by_admin"},
    {v1::LINK_CAUSE_APP_REPLACED, "app_replaced"},
};

LinkState StateOf(v1::LinkState state) {
  switch (state) {
    case v1::LINK_STATE_ACTIVE:
      return LinkState::kActive;
    case v1::LINK_STATE_RECONNECT_REQUIRED:
      return LinkState::kReconnectRequired;
    case v1::LINK_STATE_DISCONNECTING:
      return LinkState::kDisconnecting;
    default:
      return LinkState::kNone;
  }
}

}  // namespace

v1::CallOutcome OutcomeOf(std::string_view name) {
  for (const auto& [outcome, text] : kOutcomes) {
    if (text == name) return outcome;
  }
  return v1::CALL_OUTCOME_UNSPECIFIED;
}

Project FromProto(const v1::Project& proto) {
  Project project;
  project.project_id = proto.project_id();
  project.display_name = proto.display_name();
  project.settings_url = proto.settings_url();
  project.origins.assign(proto.origins().begin(), proto.origins().end());
  for (const v1::TokenIssuer& issuer : proto.token_issuers()) {
    project.token_issuers.push_back({issuer.issuer(), issuer.audience(), issuer.jwks_url(),
                                     issuer.jwks(), issuer.user_claim(), issuer.name_claim(),
                                     issuer.role_claim(), issuer.admin_role()});
  }
  return project;
}

Link FromProto(const v1::Link& proto) {
  Link link;
  link.project_id = proto.project_id();
  link.user_id = proto.user_id();
  link.link_id = proto.link_id();
  link.state = StateOf(proto.state());
  for (const auto& [cause, name] : kCauses) {
    if (cause == proto.cause()) link.cause = name;
  }
  link.generation = proto.generation();
  link.connect_time = TimeOf(proto.has_connect_time(), proto.connect_time());
  link.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  return link;
}

Receipt FromProto(const v1::DisconnectReceipt& proto) {
  Receipt receipt;
  receipt.link_id = proto.link_id();
  receipt.generation = proto.generation();
  receipt.start_time = TimeOf(proto.has_start_time(), proto.start_time());
  receipt.end_time = TimeOf(proto.has_end_time(), proto.end_time());
  receipt.revoked_at_zoom = proto.revoked_at_zoom();
  receipt.backups_unreadable_time =
      TimeOf(proto.has_backups_unreadable_time(), proto.backups_unreadable_time());
  return receipt;
}

Call FromProto(const v1::Call& proto) {
  Call call;
  call.call_id = proto.call_id();
  call.number = proto.number();
  call.input_number = proto.input_number();
  call.region = proto.region_code();
  call.company_id = proto.company_id();
  call.person_id = proto.person_id();
  for (const auto& [outcome, name] : kOutcomes) {
    if (outcome == proto.outcome()) call.outcome = std::string(name);
  }
  call.start_time = TimeOf(proto.has_start_time(), proto.start_time());
  if (proto.has_duration()) call.duration = std::chrono::seconds(proto.duration().seconds());
  call.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  call.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  call.etag = proto.etag();
  return call;
}

Note FromProto(const v1::CallNote& proto) {
  Note note;
  note.note_id = proto.note_id();
  note.text = proto.text();
  note.company_id = proto.company_id();
  note.person_id = proto.person_id();
  note.call_id = proto.call_id();
  note.create_time = TimeOf(proto.has_create_time(), proto.create_time());
  note.update_time = TimeOf(proto.has_update_time(), proto.update_time());
  note.etag = proto.etag();
  return note;
}

void ToProto(const Call& call, v1::Call& proto) {
  proto.set_number(call.number);
  proto.set_input_number(call.input_number);
  proto.set_region_code(call.region);
  proto.set_company_id(call.company_id);
  proto.set_person_id(call.person_id);
}

void ToProto(const Note& note, v1::CallNote& proto) {
  proto.set_note_id(note.note_id);
  proto.set_text(note.text);
  proto.set_company_id(note.company_id);
  proto.set_person_id(note.person_id);
  proto.set_call_id(note.call_id);
  proto.set_etag(note.etag);
}

}  // namespace shodan::gateway
