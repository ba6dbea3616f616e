// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "libs/secrets/secret.h"
#include "services/token-vault/domain/grants/sealing.h"
#include "services/token-vault/domain/zoom/token_answer.h"

namespace shodan::tokenvault {

/// Sealed tokens as they are written.
struct SealedTokens {
  std::string sealed_access_token;
  std::string sealed_refresh_token;
  std::string scope;
  std::chrono::seconds expires_in{0};  ///< zero for an access token that is not there
  int32_t key_epoch = 0;
};

/// Seals one token at the coordinates of the row it goes into.
using TokenSealer = std::function<std::string(Sealing::TokenKind kind, const Secret& token)>;

/// Seals what a token request brought. Without a new refresh token in the answer the one that was
/// `used` stays valid (RFC 6749, section 6) and is sealed again.
SealedTokens SealTokens(const TokenSet& tokens, const Secret& used, int32_t key_epoch,
                        const TokenSealer& seal);

}  // namespace shodan::tokenvault
