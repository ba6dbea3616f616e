// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "libs/observability/log.h"
#include "services/token-vault/domain/authorization/activation_store.h"
#include "services/token-vault/domain/authorization/pending_grant_store.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/erasure/ledger.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/oauth_server.h"

namespace shodan::tokenvault {

/// Makes pending grants the grants of links, or drops them. Thread-safe.
class ActivationService {
 public:
  struct Parts {
    ActivationStore& activations;
    PendingGrantStore& pending;
    ErasureStore& erasures;
    Ledger& ledger;
    const ZoomApps& apps;
    const Sealing& sealing;
    OAuthServer& zoom;
    const Lifetimes& lifetimes;
    Pause pause;
    Logger& log;
  };
  explicit ActivationService(Parts parts) : parts_(std::move(parts)) {}

  /// NOT_FOUND/PENDING_GRANT_NOT_FOUND, ABORTED/GENERATION_MISMATCH, FAILED_PRECONDITION/
  /// LINK_DISCONNECTING, /ZOOM_USER_CONNECTED_ELSEWHERE, /PENDING_GRANT_DEAD (dropped),
  /// UNAVAILABLE/ PENDING_GRANT_NOT_PROVED, /ACTIVATION_IN_PROGRESS and /REVOCATION_IN_PROGRESS
  /// (repeat later).
  absl::StatusOr<Activation> Activate(const ActivationRequest& request, const Actor& actor,
                                      Deadline deadline);

  /// NOT_FOUND/PENDING_GRANT_NOT_FOUND.
  absl::Status Discard(const std::string& attempt_id, const std::string& decision_id,
                       AttemptResult result, const Actor& actor, Deadline deadline);

 private:
  enum class Proof { kAlive, kDead, kUnknown };
  absl::StatusOr<ActivationPlan> MakePlan(const ActivationRequest& request,
                                          const ActivationFacts& facts) const;
  absl::Status Prove(const ActivationRequest& request, const Actor& actor, Deadline deadline);
  /// Puts the life of a link that was taken over into the erasure ledger. It is over whether this
  /// succeeds now or in a sweep.
  void FileEnded(const SupersededLink& ended);
  absl::StatusOr<Proof> RefreshCandidate(const PendingGrant& candidate, Time begun_at);
  absl::StatusOr<Proof> StoreProof(const PendingGrant& candidate, const Secret& used,
                                   const TokenSet& tokens, Time begun_at);
  absl::Status HandOverLate(const PendingGrant& candidate, const Secret& used,
                            const TokenSet& tokens);
  absl::Status DropDead(const ActivationRequest& request, const Actor& actor, Deadline deadline);

  Parts parts_;
};

}  // namespace shodan::tokenvault
