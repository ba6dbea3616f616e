// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/late_tokens.h"

#include "libs/crypto/random.h"
#include "services/token-vault/domain/grants/persist.h"

namespace shodan::tokenvault {

absl::Status QueueLateTokens(ErasureStore& erasures, const Sealing& sealing,
                             const Lifetimes& lifetimes, const Pause& pause, LateTokens late,
                             const Secret& used, const TokenSet& tokens) {
  late.revocation_id = RandomUuid();
  const auto seal = [&](Sealing::TokenKind kind, const Secret& token) {
    return sealing.SealRevocationToken(kind, late.revocation_id, {late.project_id, late.user_id},
                                       token);
  };
  const SealedTokens sealed = SealTokens(tokens, used, sealing.key_epoch(), seal);
  return PersistUntilKnown(
      [&](Deadline deadline) {
        return erasures.QueueLate(late, sealed, lifetimes.erasure, deadline);
      },
      lifetimes.persist, pause);
}

}  // namespace shodan::tokenvault
