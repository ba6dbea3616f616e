// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// A link that ended because its Zoom user was connected elsewhere.
struct SupersededLink {
  std::string link_id;
  std::string project_id;
  std::string user_id;
  int64_t generation = 0;
};

/// The answer of an activation; the same for every repetition of its decision.
struct Activation {
  int64_t generation = 0;
  std::optional<SupersededLink> superseded;
};

/// What an activation asks for.
struct ActivationRequest {
  std::string attempt_id;
  std::string link_id;
  std::string project_id;
  std::string user_id;
  int64_t expected_generation = 0;
  std::string decision_id;
};

/// The rows an activation depends on, locked.
struct ActivationFacts {
  std::optional<PendingGrant> pending;
  /// The link's own grant: generation and token_version 0 when the link is new.
  Grant own;
  std::optional<IdentityTags> own_identity;
  std::optional<LiveInterval> own_live;
  std::optional<std::string> own_sealed_link_data_key;
  int64_t own_profile_generation = 0;
  /// False for imports: whoever holds the same Zoom identity keeps it.
  bool may_take_over = true;
  /// Another link that holds the same Zoom identity.
  std::optional<Grant> other;
  std::optional<LiveInterval> other_live;
  /// When a revocation of the same identity that was sent to Zoom last ended.
  std::optional<Time> revocation_ended_at;
  /// One that was sent has not ended: Zoom may carry it out at any moment.
  bool revocation_under_way = false;
};

/// What to write: the link's grant in its new life.
struct ActivationPlan {
  int64_t generation = 0;
  int64_t token_version = 0;
  std::string sealed_access_token;
  std::string sealed_refresh_token;
  std::string sealed_profile;
  std::string sealed_link_data_key;
  int32_t key_epoch = 0;
};

/// The commit point of connecting. Thread-safe.
class ActivationStore {
 public:
  virtual ~ActivationStore() = default;
  using Plan = std::function<absl::StatusOr<ActivationPlan>(const ActivationFacts&)>;

  /// In one transaction: the recorded answer of the decision, if there is one; otherwise locks the
  /// rows, asks `plan`, writes grant, profile, events, audit and the decision's answer, ends the
  /// other link as taken over, and deletes the pending grant. `plan`'s error is returned and
  /// nothing written. `plan` may be called again when the transaction is repeated.
  virtual absl::StatusOr<Activation> Activate(const ActivationRequest& request, const Plan& plan,
                                              const Actor& actor, Deadline deadline) = 0;
};

}  // namespace shodan::tokenvault
