// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/secrets/secret.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// Names one refresh token of one life of a link: what a refresh consumes.
struct TokenKey {
  std::string link_id;
  int64_t generation = 0;
  int64_t token_version = 0;
};

/// The lease and intent of a refresh, committed before Zoom is called.
struct RefreshIntent {
  std::string intent_id;
  /// Feeds the key of a spool file; the same for every intent of one token.
  Secret secret;
  /// When it was committed: no later than Zoom was asked.
  Time begun_at;
  /// An earlier refresh of the same token has no recorded end: its answer may have been lost.
  bool earlier_unresolved = false;
  /// For how long the token has been in doubt; 0 when it was not.
  std::chrono::milliseconds suspect_for{0};
  /// Since the token was stored.
  std::chrono::milliseconds token_age{0};
  /// Zoom has refused this token before, while it was in doubt.
  bool refused_before = false;
  /// The user, or someone with the same Zoom identity, is authorizing just now.
  bool authorization_under_way = false;
};

/// How a refresh ended that brought no tokens.
struct RefreshEnd {
  bool resolved = true;  ///< false: Zoom may have issued tokens; the intent stays recorded
  bool refused = false;  ///< Zoom refused a token that is in doubt; starts the clock of suspect_for
  std::chrono::milliseconds delay{0};
};

/// What became of a refreshed token.
enum class StoreResult {
  kStored,
  kLifeEnded,      ///< disconnected, reconnected or taken over meanwhile
  kVersionChanged  ///< another refresh of the same token was stored
};

/// A sealed profile with the state of its grant.
struct ProfileRecord {
  Grant grant;
  std::optional<std::string> sealed_profile;
  std::optional<std::string> sealed_link_data_key;
  int64_t profile_generation = 0;
};

/// The link that a Zoom user is connected to.
struct IdentifiedLink {
  std::string link_id;
  std::string user_id;
  int64_t generation = 0;
};

/// A change of a grant's state, in the order of commit.
struct GrantEvent {
  int64_t event_id = 0;
  std::string link_id;
  std::string project_id;
  std::string user_id;
  int64_t generation = 0;
  GrantState state = GrantState::kNone;
  GrantCause cause = GrantCause::kNone;
  Time created_at;
};

/// Grants and their refreshes. Thread-safe; errors pass through as in AttemptStore.
class GrantStore {
 public:
  virtual ~GrantStore() = default;

  virtual absl::StatusOr<std::optional<Grant>> Find(const std::string& project_id,
                                                    const std::string& user_id,
                                                    std::chrono::milliseconds refresh_margin,
                                                    Deadline deadline) = 0;
  virtual absl::StatusOr<std::optional<ProfileRecord>> FindProfile(const std::string& project_id,
                                                                   const std::string& user_id,
                                                                   Deadline deadline) = 0;

  /// UNAVAILABLE/TAG_VERSION_STALE when the tags were not made under the present tag version: then
  /// nothing is known about the Zoom user.
  virtual absl::StatusOr<std::optional<IdentifiedLink>> FindByIdentity(
      const std::string& zoom_app_id, const IdentityTags& tags, Deadline deadline) = 0;

  /// Takes the lease and records the intent. nullopt when the token is not the present one, another
  /// lease holds, or the next attempt lies ahead.
  virtual absl::StatusOr<std::optional<RefreshIntent>> BeginRefresh(const TokenKey& token,
                                                                    const std::string& owner,
                                                                    std::chrono::milliseconds lease,
                                                                    Deadline deadline) = 0;
  /// Stores refreshed tokens, whoever holds the lease, if generation and version are unchanged.
  /// A link in reconnect_required becomes active again. Repeating it with the same `write_id` after
  /// an unknown outcome answers kStored. Tokens are sealed at token_version + 1; `asked_at` is the
  /// intent's begun_at.
  virtual absl::StatusOr<StoreResult> StoreRefresh(const TokenKey& token,
                                                   const SealedTokens& tokens, Time asked_at,
                                                   const std::string& write_id,
                                                   Deadline deadline) = 0;
  /// The secret of this token's intents; nullopt when the grant has gone on without them.
  virtual absl::StatusOr<std::optional<Secret>> FindIntentSecret(const TokenKey& token,
                                                                 Deadline deadline) = 0;
  /// Ends a refresh without tokens: the lease goes, the next attempt is `delay` away.
  virtual absl::Status EndRefresh(const TokenKey& token, const std::string& intent_id,
                                  const RefreshEnd& end, Deadline deadline) = 0;
  /// Zoom's refusal is final: tokens wiped, state reconnect_required, event and audit. False when
  /// the token was replaced meanwhile.
  virtual absl::StatusOr<bool> RequireReconnect(const TokenKey& token, GrantCause cause,
                                                Deadline deadline) = 0;

  /// Active grants whose token is in doubt and due: suspect ones, and those whose refresh ended
  /// without a record.
  virtual absl::StatusOr<std::vector<Grant>> ListDoubtful(int limit, Deadline deadline) = 0;

  /// Active grants, longest untouched first, whose token was stored at least `age` ago, or up to a
  /// fifth of that less: each link has its own share, so that what was stored together is not due
  /// together.
  virtual absl::StatusOr<std::vector<Grant>> ListIdle(std::chrono::milliseconds age, int limit,
                                                      Deadline deadline) = 0;

  virtual absl::StatusOr<std::vector<GrantEvent>> ListEvents(int64_t after_event_id, int limit,
                                                             Deadline deadline) = 0;
  /// Wipes profile and tags of grants that have waited for a reconnect for `age`.
  virtual absl::Status WipeOldProfiles(std::chrono::milliseconds age, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
