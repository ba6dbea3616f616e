// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// What an erasure asks for.
struct ErasureRequest {
  std::string link_id;
  std::string project_id;
  std::string user_id;
  int64_t expected_generation = 0;
  std::string decision_id;
  GrantCause cause = GrantCause::kDisconnected;
};

/// How far an erasure is.
struct ErasureProgress {
  std::string link_id;
  int64_t generation = 0;
  Time started_at;
  /// Set when the erasure is over: wiped, and in a file of the erasure ledger.
  std::optional<Time> wiped_at;
  bool revoked_at_zoom = false;
  /// After it nobody can read what was wiped from a backup any more; absent where nobody can say.
  std::optional<Time> backups_unreadable_at = std::nullopt;
};

/// Tokens on their way out, leased to one eraser.
struct Revocation {
  std::string revocation_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  std::optional<std::string> sealed_access_token;
  std::optional<std::string> sealed_refresh_token;
  bool identified = false;           ///< it is known whose tokens they are
  bool access_token_usable = false;  ///< by the database's clock
  bool overdue = false;              ///< past its deadline: wipe without another request
};

/// Tokens that nobody waits for any more.
struct LateTokens {
  std::string revocation_id;
  std::string project_id;
  std::string user_id;
  std::string zoom_app_id;
  /// For tokens of an attempt that ended: the Zoom user they belong to, if it is known.
  std::optional<IdentityTags> tags;
  /// Set for a refresh: the link and the generation the token belonged to.
  std::string link_id;
  int64_t generation = 0;
};

/// Erasures and revocations. Thread-safe; errors pass through as in AttemptStore.
class ErasureStore {
 public:
  virtual ~ErasureStore() = default;

  /// One statement makes the grant unusable: generation + 1, ciphertext moved unopened into a
  /// revocation, the user's open attempts ended, his pending grants discarded, profile and tags
  /// gone. A repeated decision answers its progress. ABORTED/GENERATION_MISMATCH,
  /// NOT_FOUND/GRANT_NOT_FOUND.
  virtual absl::StatusOr<ErasureProgress> Begin(const ErasureRequest& request,
                                                std::chrono::milliseconds revocation_deadline,
                                                const Actor& actor, Deadline deadline) = 0;

  /// Open revocations of one erasure, or of any and of none when `link_id` is empty, that nobody
  /// has leased; leased to the caller. Those of an erasure must be at least `min_age` old, late
  /// tokens are nobody else's from the start. Overdue ones come first, then those tried least.
  virtual absl::StatusOr<std::vector<Revocation>> Lease(const std::string& link_id,
                                                        std::chrono::milliseconds min_age,
                                                        std::chrono::milliseconds lease, int limit,
                                                        Deadline deadline) = 0;
  /// Notes whose tokens a revocation holds.
  virtual absl::Status Identify(const std::string& revocation_id, const IdentityTags& tags,
                                Deadline deadline) = 0;
  /// Checks, right before a request to Zoom, whether it may be sent: not while it is unknown whose
  /// tokens they are, nor when another grant or pending grant of the same Zoom user would die with
  /// the token. Marks the revocation as sent.
  virtual absl::StatusOr<bool> Permit(const std::string& revocation_id, Deadline deadline) = 0;
  /// Takes over tokens that arrived when their attempt or link had ended: a revocation, unless the
  /// tokens' life ended otherwise than by an erasure; then they are dropped. `tokens` are sealed at
  /// the revocation's own coordinates.
  virtual absl::Status QueueLate(const LateTokens& late, const SealedTokens& tokens,
                                 std::chrono::milliseconds revocation_deadline,
                                 Deadline deadline) = 0;
  /// Replaces the tokens of a leased revocation by fresh ones.
  virtual absl::Status ReplaceTokens(const std::string& revocation_id, const SealedTokens& tokens,
                                     Deadline deadline) = 0;
  /// Gives the lease back for a later try.
  virtual absl::Status Postpone(const std::string& revocation_id, std::chrono::milliseconds delay,
                                Deadline deadline) = 0;
  /// Wipes the tokens and, with the last one of an erasure, notes in the same transaction that it
  /// has to be filed. LedgerStore::MarkFiled() ends it.
  virtual absl::Status Wipe(const std::string& revocation_id, bool confirmed,
                            Deadline deadline) = 0;
  virtual absl::StatusOr<ErasureProgress> Progress(const std::string& decision_id,
                                                   Deadline deadline) = 0;
  /// Forgets wiped revocations and answered decisions of more than `retention` ago.
  virtual absl::Status Sweep(std::chrono::milliseconds retention, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
