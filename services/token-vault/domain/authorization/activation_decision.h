// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/token-vault/domain/authorization/activation_store.h"

namespace shodan::tokenvault {

/// What may become of a pending grant, given the locked rows.
enum class ActivationVerdict {
  kProceed,
  kMissing,             ///< there is no such pending grant of this user
  kUnidentified,        ///< nobody knows yet whose it is
  kGenerationMismatch,  ///< the link changed since the decision
  kDisconnecting,
  kHeldElsewhere,       ///< by another link, which an import does not end
  kBeingProved,         ///< another call is asking Zoom about it
  kRevocationUnderWay,  ///< Zoom may be revoking the Zoom user's grants just now
  kDead,                ///< the same Zoom user authorized again later, and that grant is held
  kNeedsProof,          ///< which of two grants is live cannot be told from their times
};

/// Zoom's order decides: of two grants of one Zoom user, the one sent after the other was stored is
/// live. When their times overlap, or a revocation of the same Zoom user ended after the grant was
/// sent, only a refresh can prove it. Pure.
ActivationVerdict DecideActivation(const ActivationRequest& request, const ActivationFacts& facts);

}  // namespace shodan::tokenvault
