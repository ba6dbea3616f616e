// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/account-link/domain/attempt.h"
#include "services/account-link/domain/call_scope.h"
#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// The wish to make an attempt's pending grant the grant of a link.
struct Activation {
  UserKey owner;
  std::string attempt_id;
  std::string link_id;
  int64_t expected_generation = 0;
  std::string decision_id;
};

/// A link of another user that ended because its Zoom user was connected elsewhere.
struct SupersededLink {
  std::string link_id;
  UserKey owner;
  int64_t generation = 0;
};

/// A pending grant that became a link's grant.
struct ActivatedGrant {
  int64_t generation = 0;
  std::optional<SupersededLink> superseded;
};

/// The wish to drop a pending grant.
struct Discarding {
  std::string attempt_id;
  AttemptResult result = AttemptResult::kUnspecified;
  std::string decision_id;
};

/// The wish to make a link's grant unusable and wipe it.
struct Erasing {
  UserKey owner;
  std::string link_id;
  int64_t expected_generation = 0;
  std::string decision_id;
  LinkCause cause = LinkCause::kDisconnected;  ///< or kDisconnectedByAdmin, or kRevoked
};

/// A Zoom user as Zoom's events name him. Zoom's data: handed on, never kept, logged or audited.
struct ZoomIdentity {
  std::string project_id;
  std::string zoom_account_id;
  std::string zoom_user_id;
};

/// The link that a Zoom user is connected to, in the life that holds the grant.
struct IdentifiedLink {
  UserKey owner;
  std::string link_id;
  int64_t generation = 0;
};

/// Tokens of an exchanged code that await a decision.
struct PendingGrant {
  std::string attempt_id;
  UserKey owner;
};

struct PendingGrantPage {
  std::vector<PendingGrant> grants;
  std::string next_page;  ///< empty on the last page
};

/// What this service asks of the token vault.
///
/// Every call ends by the scope's deadline or by the cap of its own, whichever is earlier. A vault
/// that cannot be reached, is busy, or refuses this service is UNAVAILABLE/VAULT_UNAVAILABLE; then
/// the wish may or may not have been carried out, and repeating it with the same decision_id is
/// safe. Thread-safe.
class Vault {
 public:
  virtual ~Vault() = default;

  /// NOT_FOUND/ATTEMPT_NOT_FOUND.
  virtual absl::StatusOr<Attempt> GetAttempt(const UserKey& owner, const std::string& attempt_id,
                                             const CallScope& scope) = 0;

  /// Idempotent by decision_id. ABORTED/GENERATION_MISMATCH: nothing was done, read and decide
  /// again. NOT_FOUND/PENDING_GRANT_NOT_FOUND; FAILED_PRECONDITION/LINK_DISCONNECTING,
  /// /PENDING_GRANT_DEAD, /PENDING_GRANT_NOT_PROVED (repeat later).
  virtual absl::StatusOr<ActivatedGrant> ActivateGrant(const Activation& wish,
                                                       const CallScope& scope) = 0;

  /// Idempotent by decision_id. NOT_FOUND/PENDING_GRANT_NOT_FOUND.
  virtual absl::Status DiscardPendingGrant(const Discarding& wish, const CallScope& scope) = 0;

  /// Idempotent by decision_id; repeated, it tells the progress. NOT_FOUND/GRANT_NOT_FOUND;
  /// ABORTED/GENERATION_MISMATCH: nothing was done.
  virtual absl::StatusOr<Erasure> EraseGrant(const Erasing& wish, const CallScope& scope) = 0;

  /// NOT_FOUND/GRANT_NOT_FOUND when the Zoom user is connected to no link.
  virtual absl::StatusOr<IdentifiedLink> ResolveIdentity(const ZoomIdentity& identity,
                                                         const CallScope& scope) = 0;

  /// Pending grants stored at least `min_age` ago, oldest first, up to 100.
  virtual absl::StatusOr<PendingGrantPage> ListPendingGrants(std::chrono::milliseconds min_age,
                                                             const std::string& page,
                                                             const CallScope& scope) = 0;

  /// Up to `limit` events after a position, in order; an event shows only once all earlier ones do.
  virtual absl::StatusOr<std::vector<GrantEvent>> ListGrantEvents(int64_t after_event_id, int limit,
                                                                  const CallScope& scope) = 0;
};

}  // namespace shodan::account_link
