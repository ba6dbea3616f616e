// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/grpc/vault_conversion.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <google/protobuf/timestamp.pb.h>

#include "libs/base/status.h"
#include "libs/crypto/random.h"

namespace shodan::account_link {
namespace {

namespace vault = ::shodan::tokenvault::v1;

template <typename Ours, typename Theirs, size_t N>
using Table = std::array<std::pair<Ours, Theirs>, N>;

constexpr Table<LinkState, vault::GrantState, 4> kStates = {{
    {LinkState::kNone, vault::GRANT_STATE_NONE},
    {LinkState::kActive, vault::GRANT_STATE_ACTIVE},
    {LinkState::kReconnectRequired, vault::GRANT_STATE_RECONNECT_REQUIRED},
    {LinkState::kDisconnecting, vault::GRANT_STATE_DISCONNECTING},
}};

constexpr Table<LinkCause, vault::GrantCause, 10> kCauses = {{
    {LinkCause::kUnspecified, vault::GRANT_CAUSE_UNSPECIFIED},
    {LinkCause::kLostResponse, vault::GRANT_CAUSE_LOST_RESPONSE},
    {LinkCause::kRevoked, vault::GRANT_CAUSE_REVOKED},
    {LinkCause::kAccountInactive, vault::GRANT_CAUSE_ACCOUNT_INACTIVE},
    {LinkCause::kReauthorizedElsewhere, vault::GRANT_CAUSE_REAUTHORIZED_ELSEWHERE},
    {LinkCause::kExpired, vault::GRANT_CAUSE_EXPIRED},
    {LinkCause::kTakenOver, vault::GRANT_CAUSE_TAKEN_OVER},
    {LinkCause::kDisconnected, vault::GRANT_CAUSE_DISCONNECTED},
    {LinkCause::kDisconnectedByAdmin, vault::GRANT_CAUSE_DISCONNECTED_BY_ADMIN},
    {LinkCause::kAppReplaced, vault::GRANT_CAUSE_APP_REPLACED},
}};

constexpr Table<Purpose, vault::AuthorizationPurpose, 3> kPurposes = {{
    {Purpose::kConnect, vault::AUTHORIZATION_PURPOSE_CONNECT},
    {Purpose::kReconnect, vault::AUTHORIZATION_PURPOSE_RECONNECT},
    {Purpose::kImport, vault::AUTHORIZATION_PURPOSE_IMPORT},
}};

constexpr Table<AttemptState, vault::AttemptState, 5> kAttemptStates = {{
    {AttemptState::kPending, vault::ATTEMPT_STATE_PENDING},
    {AttemptState::kExchanging, vault::ATTEMPT_STATE_EXCHANGING},
    {AttemptState::kExchanged, vault::ATTEMPT_STATE_EXCHANGED},
    {AttemptState::kActivated, vault::ATTEMPT_STATE_ACTIVATED},
    {AttemptState::kEnded, vault::ATTEMPT_STATE_ENDED},
}};

constexpr Table<AttemptResult, vault::AttemptResult, 9> kResults = {{
    {AttemptResult::kUnspecified, vault::ATTEMPT_RESULT_UNSPECIFIED},
    {AttemptResult::kConnected, vault::ATTEMPT_RESULT_CONNECTED},
    {AttemptResult::kCancelled, vault::ATTEMPT_RESULT_CANCELLED},
    {AttemptResult::kOtherAccountConnected, vault::ATTEMPT_RESULT_OTHER_ACCOUNT_CONNECTED},
    {AttemptResult::kDifferentAccount, vault::ATTEMPT_RESULT_DIFFERENT_ACCOUNT},
    {AttemptResult::kExpired, vault::ATTEMPT_RESULT_EXPIRED},
    {AttemptResult::kSystemError, vault::ATTEMPT_RESULT_SYSTEM_ERROR},
    {AttemptResult::kSuperseded, vault::ATTEMPT_RESULT_SUPERSEDED},
    {AttemptResult::kConnectedElsewhere, vault::ATTEMPT_RESULT_CONNECTED_ELSEWHERE},
}};

constexpr Table<IdentityMatch, vault::IdentityMatch, 4> kMatches = {{
    {IdentityMatch::kUnknown, vault::IDENTITY_MATCH_UNSPECIFIED},
    {IdentityMatch::kNoLinkIdentity, vault::IDENTITY_MATCH_NO_LINK_IDENTITY},
    {IdentityMatch::kSame, vault::IDENTITY_MATCH_SAME},
    {IdentityMatch::kDifferent, vault::IDENTITY_MATCH_DIFFERENT},
}};

template <typename Ours, typename Theirs, size_t N>
std::optional<Ours> Read(const Table<Ours, Theirs, N>& table, Theirs value) {
  for (const auto& [ours, theirs] : table) {
    if (theirs == value) return ours;
  }
  return std::nullopt;
}

template <typename Ours, typename Theirs, size_t N>
Theirs Write(const Table<Ours, Theirs, N>& table, Ours value) {
  for (const auto& [ours, theirs] : table) {
    if (ours == value) return theirs;
  }
  return Theirs();
}

absl::Status NotUnderstood() {
  return Internal("VAULT_ANSWER_UNKNOWN", "The vault's answer is none that this program knows.");
}

Time ReadTime(const google::protobuf::Timestamp& time) {
  return Time(std::chrono::seconds(time.seconds()) + std::chrono::nanoseconds(time.nanos()));
}

}  // namespace

absl::StatusOr<Attempt> ReadAttempt(const vault::GetAttemptResponse& answer) {
  const vault::Attempt& got = answer.attempt();
  const auto purpose = Read(kPurposes, got.purpose());
  const auto state = Read(kAttemptStates, got.state());
  const auto result = Read(kResults, got.result());
  const auto match = Read(kMatches, answer.identity_match());
  if (!purpose || !state || !result || !match) return NotUnderstood();
  return Attempt{
      .attempt_id = got.attempt_id(),
      .owner = {got.project_id(), got.user_id()},
      .purpose = *purpose,
      .state = *state,
      .result = *result,
      .identity_match = *match,
      .held_elsewhere = !answer.existing_link_id().empty() && *match != IdentityMatch::kSame};
}

absl::StatusOr<ImportedGrant> ReadImport(const vault::ImportGrantResponse& answer) {
  ImportedGrant grant;
  grant.known = answer.known();
  if (!answer.has_attempt()) return grant;
  const auto state = Read(kAttemptStates, answer.attempt().state());
  if (!state || !IsUuid(answer.attempt().attempt_id())) return NotUnderstood();
  grant.attempt_id = answer.attempt().attempt_id();
  grant.attempt_state = *state;
  return grant;
}

absl::StatusOr<ActivatedGrant> ReadActivation(const vault::ActivateGrantResponse& answer) {
  if (answer.generation() <= 0) return NotUnderstood();
  ActivatedGrant grant;
  grant.generation = answer.generation();
  if (answer.has_superseded_link()) {
    const auto& ended = answer.superseded_link();
    if (!IsUuid(ended.link_id())) return NotUnderstood();
    grant.superseded = SupersededLink{.link_id = ended.link_id(),
                                      .owner = {ended.project_id(), ended.user_id()},
                                      .generation = ended.generation()};
  }
  return grant;
}

absl::StatusOr<Erasure> ReadErasure(const vault::EraseGrantResponse& answer) {
  const auto state = Read(kStates, answer.state());
  const bool known = state == LinkState::kNone || state == LinkState::kDisconnecting;
  if (!known || answer.receipt().generation() <= 0) return NotUnderstood();
  Erasure erasure;
  erasure.state = *state;
  erasure.generation = answer.receipt().generation();
  if (answer.receipt().has_start_time()) {
    erasure.start_time = ReadTime(answer.receipt().start_time());
  }
  if (answer.receipt().has_end_time()) erasure.end_time = ReadTime(answer.receipt().end_time());
  erasure.revoked_at_zoom = answer.receipt().revoked_at_zoom();
  if (answer.receipt().has_backups_unreadable_time()) {
    erasure.backups_unreadable_time = ReadTime(answer.receipt().backups_unreadable_time());
  }
  return erasure;
}

absl::StatusOr<GrantEvent> ReadGrantEvent(const vault::GrantEvent& event) {
  const auto state = Read(kStates, event.state());
  const auto cause = Read(kCauses, event.cause());
  if (!state || !cause || !IsUuid(event.link_id()) || event.user_id().empty()) {
    return NotUnderstood();
  }
  return GrantEvent{.event_id = event.event_id(),
                    .link_id = event.link_id(),
                    .owner = {event.project_id(), event.user_id()},
                    .generation = event.generation(),
                    .state = *state,
                    .cause = *cause,
                    .create_time = ReadTime(event.create_time())};
}

vault::AttemptResult ToVault(AttemptResult result) { return Write(kResults, result); }
vault::GrantCause ToVault(LinkCause cause) { return Write(kCauses, cause); }

}  // namespace shodan::account_link
