// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link.h"

#include <array>
#include <utility>

namespace shodan::account_link {
namespace {

constexpr std::array<std::pair<LinkState, std::string_view>, 4> kStates = {{
    {LinkState::kNone, "none"},
    {LinkState::kActive, "active"},
    {LinkState::kReconnectRequired, "reconnect_required"},
    {LinkState::kDisconnecting, "disconnecting"},
}};

constexpr std::array<std::pair<LinkCause, std::string_view>, 10> kCauses = {{
    {LinkCause::kUnspecified, ""},
    {LinkCause::kLostResponse, "lost_response"},
    {LinkCause::kRevoked, "revoked"},
    {LinkCause::kAccountInactive, "account_inactive"},
    {LinkCause::kReauthorizedElsewhere, "reauthorized_elsewhere"},
    {LinkCause::kExpired, "expired"},
    {LinkCause::kTakenOver, "taken_over"},
    {LinkCause::kDisconnected, "disconnected"},
    {LinkCause::kDisconnectedByAdmin, "disconnected_by_admin"},
    {LinkCause::kAppReplaced, "app_replaced"},
}};

template <typename Table, typename Value>
std::string_view Name(const Table& table, Value value) {
  for (const auto& [candidate, name] : table) {
    if (candidate == value) return name;
  }
  return "";
}

template <typename Value, typename Table>
std::optional<Value> Parse(const Table& table, std::string_view text) {
  for (const auto& [value, name] : table) {
    if (name == text) return value;
  }
  return std::nullopt;
}

// How far a life has come; within one generation it never goes back.
int Progress(LinkState state) {
  switch (state) {
    case LinkState::kActive:
    case LinkState::kReconnectRequired:
      return 0;
    case LinkState::kDisconnecting:
      return 1;
    case LinkState::kNone:
      return 2;
  }
  return 0;
}

void BecomeConnected(Link& link, Time when) {
  link.connect_time = when;
  link.disconnect_start_time.reset();
  link.disconnect_end_time.reset();
  link.revoked_at_zoom.reset();
  link.backups_unreadable_time.reset();
}

void BecomeNone(Link& link, LinkCause cause, std::optional<Time> start, Time end) {
  link.state = LinkState::kNone;
  link.cause = cause;
  link.connect_time.reset();
  link.disconnect_start_time = start.value_or(end);
  link.disconnect_end_time = end;
}

void ApplyState(Link& link, const GrantEvent& event) {
  const bool same_life =
      event.generation == link.generation && Progress(link.state) == Progress(event.state);
  switch (event.state) {
    case LinkState::kActive:
    case LinkState::kReconnectRequired:
      if (!same_life) BecomeConnected(link, event.create_time);
      link.state = event.state;
      link.cause = event.state == LinkState::kActive ? LinkCause::kUnspecified : event.cause;
      break;
    case LinkState::kDisconnecting:
      if (link.state != LinkState::kDisconnecting) link.disconnect_start_time = event.create_time;
      link.state = event.state;
      link.cause = event.cause;
      link.disconnect_end_time.reset();
      link.revoked_at_zoom.reset();
      link.backups_unreadable_time.reset();
      break;
    case LinkState::kNone:
      if (same_life) break;
      if (link.state != LinkState::kDisconnecting) link.disconnect_start_time.reset();
      link.revoked_at_zoom.reset();
      link.backups_unreadable_time.reset();
      BecomeNone(link, event.cause, link.disconnect_start_time, event.create_time);
      break;
  }
}

}  // namespace

std::string_view ToText(LinkState state) { return Name(kStates, state); }
std::string_view ToText(LinkCause cause) { return Name(kCauses, cause); }
std::optional<LinkState> ParseLinkState(std::string_view text) {
  return Parse<LinkState>(kStates, text);
}
std::optional<LinkCause> ParseLinkCause(std::string_view text) {
  return Parse<LinkCause>(kCauses, text);
}

bool Activate(Link& link, int64_t generation, Time now) {
  if (generation <= link.generation) return false;
  link.generation = generation;
  link.update_time = now;
  if (link.state == LinkState::kDisconnecting) return true;
  BecomeConnected(link, now);
  link.state = LinkState::kActive;
  link.cause = LinkCause::kUnspecified;
  return true;
}

bool EndTakenOver(Link& link, int64_t generation, Time now) {
  if (generation <= link.generation) return false;
  link.generation = generation;
  link.revoked_at_zoom = false;
  link.backups_unreadable_time.reset();
  BecomeNone(link, LinkCause::kTakenOver, std::nullopt, now);
  link.update_time = now;
  return true;
}

bool BeginDisconnect(Link& link, LinkCause cause, Time now) {
  if (link.state == LinkState::kDisconnecting || link.state == LinkState::kNone) return false;
  link.state = LinkState::kDisconnecting;
  link.cause = cause;
  link.disconnect_start_time = now;
  link.disconnect_end_time.reset();
  link.revoked_at_zoom.reset();
  link.backups_unreadable_time.reset();
  link.update_time = now;
  return true;
}

bool RecordErasure(Link& link, const Erasure& erasure, LinkCause cause, Time now) {
  if (erasure.generation < link.generation) return false;
  const bool known_end = erasure.generation == link.generation && link.state == LinkState::kNone;
  if (known_end && erasure.state != LinkState::kNone) return false;
  const Link before = link;
  link.generation = erasure.generation;
  if (erasure.start_time.has_value()) link.disconnect_start_time = erasure.start_time;
  link.cause = cause;
  if (erasure.state == LinkState::kNone) {
    BecomeNone(link, cause, link.disconnect_start_time, erasure.end_time.value_or(now));
    link.revoked_at_zoom = erasure.revoked_at_zoom;
    link.backups_unreadable_time = erasure.backups_unreadable_time;
  } else {
    link.state = LinkState::kDisconnecting;
  }
  if (link == before) return false;
  link.update_time = now;
  return true;
}

bool ApplyEvent(Link& link, const GrantEvent& event) {
  if (event.event_id <= link.vault_event_id) return false;
  link.vault_event_id = event.event_id;
  if (event.generation < link.generation) return true;
  if (event.generation == link.generation && Progress(event.state) < Progress(link.state)) {
    return true;
  }
  const Link before = link;
  const bool reactivated_while_disconnecting =
      link.state == LinkState::kDisconnecting && Progress(event.state) == 0;
  if (!reactivated_while_disconnecting) ApplyState(link, event);
  link.generation = event.generation;
  if (link != before) link.update_time = event.create_time;
  return true;
}

bool ShowsAnotherState(const Link& before, const Link& after) {
  return before.state != after.state || before.cause != after.cause ||
         before.generation != after.generation;
}

DisconnectReceipt ReceiptOf(const Link& link) {
  return {.link_id = link.link_id,
          .generation = link.generation,
          .start_time = link.disconnect_start_time,
          .end_time = link.disconnect_end_time,
          .revoked_at_zoom = link.revoked_at_zoom.value_or(false),
          .backups_unreadable_time = link.backups_unreadable_time};
}

}  // namespace shodan::account_link
