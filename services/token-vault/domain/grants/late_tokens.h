// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/token-vault/domain/erasure/erasure_store.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/settings.h"
#include "services/token-vault/domain/zoom/token_answer.h"

namespace shodan::tokenvault {

/// Hands tokens that nobody waits for any more to the eraser: seals them as a revocation of their
/// own and repeats the write until its fate is known. `late` names whose they are; its
/// revocation_id is set here. `used` is the refresh token that brought them and still lives when no
/// other came; empty when there was none.
absl::Status QueueLateTokens(ErasureStore& erasures, const Sealing& sealing,
                             const Lifetimes& lifetimes, const Pause& pause, LateTokens late,
                             const Secret& used, const TokenSet& tokens);

}  // namespace shodan::tokenvault
