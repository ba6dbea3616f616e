// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/token-vault/domain/authorization/attempt.h"

namespace shodan::tokenvault {

enum class GrantState { kNone, kActive, kReconnectRequired, kDisconnecting };
enum class GrantCause {
  kNone,
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

/// Keyed hashes that stand for a Zoom user and account where they must be compared but not known.
/// `next` ones are filled while the tag key is being rotated. Made under different versions, tags
/// of one Zoom user differ.
struct IdentityTags {
  std::string identity;
  std::string account;
  std::optional<std::string> identity_next;
  std::optional<std::string> account_next;
  int32_t version = 0;
  /// What the next ones were made under, where they were just made; rows do not hold it.
  std::optional<int32_t> next_version;

  /// The newest identity tag: what all rows have in common once all have a next one.
  const std::string& identity_key() const { return identity_next ? *identity_next : identity; }
};

/// Which versions identity tags are made under.
struct TagUse {
  int32_t current = 0;
  std::optional<int32_t> next;  ///< absent unless the tag key is being rotated

  bool operator==(const TagUse&) const = default;
};

/// True when both are of one Zoom user, however far either has come in a rotation.
inline bool SameIdentity(const IdentityTags& a, const IdentityTags& b) {
  return a.identity == b.identity || a.identity_key() == b.identity_key();
}

/// When Zoom was asked and when its answer was stored; in between the tokens were certainly live.
struct LiveInterval {
  Time sent_at;
  Time stored_at;
};

/// A link's grant as it stands in its row. Tokens are sealed.
struct Grant {
  std::string link_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  int64_t generation = 0;
  int64_t token_version = 0;
  GrantState state = GrantState::kNone;
  GrantCause cause = GrantCause::kNone;
  std::optional<std::string> sealed_access_token;
  std::optional<std::string> sealed_refresh_token;
  std::string scope;  ///< space-separated, as granted
  std::optional<Time> access_expires_at;
  std::string account_tag;  ///< under the current tag version; empty without one
  bool fresh = false;       ///< by the database's clock: ends later than the refresh margin
  bool usable = false;      ///< by the database's clock: not ended yet
  bool leased = false;      ///< another refresh holds the lease
  bool waiting = false;     ///< next_attempt_at lies ahead
};

}  // namespace shodan::tokenvault
