// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/grants/grant.h"
#include "services/token-vault/domain/grants/sealed_tokens.h"

namespace shodan::tokenvault {

/// Tokens of an exchanged code that await a decision.
struct PendingGrant {
  std::string attempt_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  int64_t token_version = 0;
  std::string sealed_access_token;
  std::string sealed_refresh_token;
  std::string scope;
  std::optional<std::string> sealed_profile;
  std::optional<IdentityTags> tags;  ///< absent until the profile was read
  LiveInterval live;
  std::optional<Time> proved_at;  ///< when a refresh last showed that the tokens live
  bool being_proved = false;      ///< by the database's clock: a proof holds the lease
};

/// How a pending grant's Zoom user stands to what is linked already.
struct IdentityStanding {
  std::string existing_link_id;  ///< the link with this identity, or empty
  IdentityMatch match = IdentityMatch::kUnknown;
};

/// Pending grants. Thread-safe; errors pass through as in AttemptStore.
class PendingGrantStore {
 public:
  virtual ~PendingGrantStore() = default;

  /// Stores the tokens and marks the attempt exchanged, in one transaction. False when the attempt
  /// ended meanwhile. Repeating it after an unknown outcome is harmless.
  virtual absl::StatusOr<bool> Insert(const PendingGrant& grant, const SealedTokens& tokens,
                                      const Actor& actor, Deadline deadline) = 0;
  /// UNAVAILABLE/TAG_VERSION_STALE when the tags were not made under the present tag version.
  virtual absl::Status SetIdentity(const std::string& attempt_id, const std::string& sealed_profile,
                                   const IdentityTags& tags, int32_t key_epoch,
                                   Deadline deadline) = 0;
  virtual absl::StatusOr<std::optional<PendingGrant>> Find(const std::string& attempt_id,
                                                           Deadline deadline) = 0;
  virtual absl::StatusOr<IdentityStanding> Standing(const PendingGrant& grant,
                                                    Deadline deadline) = 0;
  /// Those stored at least `min_age` ago, oldest first, after the named one.
  virtual absl::StatusOr<std::vector<PendingGrant>> List(std::chrono::milliseconds min_age,
                                                         const std::string& after_attempt_id,
                                                         int limit, Deadline deadline) = 0;
  /// Takes up to `limit` whose identity is unknown and due, and postpones their next try.
  virtual absl::StatusOr<std::vector<PendingGrant>> TakeUnidentified(int limit,
                                                                     Deadline deadline) = 0;
  /// Ends those that stayed without identity for `limit`, unrevoked, as system error.
  virtual absl::Status DropUnidentified(std::chrono::milliseconds limit, Deadline deadline) = 0;

  /// One proof at a time: the time at which this one begins, nullopt while another call holds the
  /// lease. Nobody activates or proves the grant before the proof is stored, released or too old.
  virtual absl::StatusOr<std::optional<Time>> LeaseForProof(const std::string& attempt_id,
                                                            std::chrono::milliseconds lease,
                                                            Deadline deadline) = 0;
  /// Replaces the tokens after a proving refresh, if `token_version` is still the stored one.
  /// `asked_at` is the time at which the proof began.
  virtual absl::StatusOr<bool> StoreProof(const std::string& attempt_id, int64_t token_version,
                                          const SealedTokens& tokens, Time asked_at,
                                          Deadline deadline) = 0;
  virtual absl::Status ReleaseProof(const std::string& attempt_id, Deadline deadline) = 0;
  /// Deletes the pending grant and ends the attempt. A live link with the same identity becomes
  /// suspect: its next use refreshes it first. False when there is none and the decision is new.
  virtual absl::StatusOr<bool> Discard(const std::string& attempt_id,
                                       const std::string& decision_id, AttemptResult result,
                                       const Actor& actor, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
