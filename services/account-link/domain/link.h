// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shodan::account_link {

/// A time of a database's clock.
using Time = std::chrono::system_clock::time_point;

/// A user of a project: the key of everything in this service.
struct UserKey {
  std::string project_id;  ///< 1 to 63 characters of [a-z0-9-]
  std::string user_id;     ///< opaque, 1 to 255 bytes

  friend auto operator<=>(const UserKey&, const UserKey&) = default;
};

enum class LinkState { kNone, kActive, kReconnectRequired, kDisconnecting };

/// Why a link is in its state; kUnspecified when it is active or was never connected.
enum class LinkCause {
  kUnspecified,
  kLostResponse,
  kRevoked,
  kAccountInactive,
  kReauthorizedElsewhere,
  kExpired,
  kTakenOver,
  kDisconnected,
  kDisconnectedByAdmin,
  kAppReplaced,
};

/// The names under which states and causes are stored and audited: lower_snake_case, empty for
/// kUnspecified.
std::string_view ToText(LinkState state);
std::string_view ToText(LinkCause cause);
std::optional<LinkState> ParseLinkState(std::string_view text);
std::optional<LinkCause> ParseLinkCause(std::string_view text);

/// A user's link to a Zoom account. Never deleted, so it remembers its generation; holds nothing of
/// Zoom's.
///
/// The generation is raised by the vault alone. Every change below therefore compares generations:
/// an answer or event about an earlier life of the link changes nothing, whenever it arrives. All
/// of them return whether anything changed.
struct Link {
  UserKey owner;
  std::string link_id;  ///< UUID, stable over reconnects; empty when the user never connected
  LinkState state = LinkState::kNone;
  LinkCause cause = LinkCause::kUnspecified;
  int64_t generation = 0;
  int64_t vault_event_id = 0;                   ///< position of the last event looked at
  std::optional<Time> connect_time;             ///< when the present life began
  std::optional<Time> disconnect_start_time;    ///< when the last life became unusable
  std::optional<Time> disconnect_end_time;      ///< when its tokens and personal data were wiped
  std::optional<bool> revoked_at_zoom;          ///< whether Zoom confirmed; absent while not known
  std::optional<Time> backups_unreadable_time;  ///< of what was wiped; absent while not known
  std::optional<Time> update_time;              ///< last change of the state; absent without a link

  friend bool operator==(const Link&, const Link&) = default;
};

/// What a disconnect did.
struct DisconnectReceipt {
  std::string link_id;
  int64_t generation = 0;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  bool revoked_at_zoom = false;
  /// After it nobody can read what was wiped from a backup any more.
  std::optional<Time> backups_unreadable_time = std::nullopt;

  friend bool operator==(const DisconnectReceipt&, const DisconnectReceipt&) = default;
};

/// A change of a grant in the vault, in the order of its commits.
struct GrantEvent {
  int64_t event_id = 0;
  std::string link_id;
  UserKey owner;
  int64_t generation = 0;
  LinkState state = LinkState::kNone;
  LinkCause cause = LinkCause::kUnspecified;
  Time create_time;
};

/// The vault's answer to an erasure: state kDisconnecting while it goes on, else kNone.
struct Erasure {
  LinkState state = LinkState::kNone;
  int64_t generation = 0;
  std::optional<Time> start_time;
  std::optional<Time> end_time;
  bool revoked_at_zoom = false;
  std::optional<Time> backups_unreadable_time = std::nullopt;
};

/// The vault made a grant the link's, in this generation. A link that is being disconnected stays
/// so and only learns the generation that its erasure must name.
bool Activate(Link& link, int64_t generation, Time now);

/// Another user connected the same Zoom user; the vault ended this link.
bool EndTakenOver(Link& link, int64_t generation, Time now);

/// The user or an administrator wants it disconnected; the vault does not know yet.
bool BeginDisconnect(Link& link, LinkCause cause, Time now);

/// What the vault answered to the erasure.
bool RecordErasure(Link& link, const Erasure& erasure, LinkCause cause, Time now);

/// Applies an event unless it is older than what the link knows: by its position, by its
/// generation, or, within one generation, because a life only goes from connected over
/// disconnecting to none.
bool ApplyEvent(Link& link, const GrantEvent& event);

/// True when a reader of the link sees the difference: state, cause or generation.
bool ShowsAnotherState(const Link& before, const Link& after);

/// Of the link's last disconnect, as far as known.
DisconnectReceipt ReceiptOf(const Link& link);

}  // namespace shodan::account_link
