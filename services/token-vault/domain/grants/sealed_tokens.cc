// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/sealed_tokens.h"

namespace shodan::tokenvault {

SealedTokens SealTokens(const TokenSet& tokens, const Secret& used, int32_t key_epoch,
                        const TokenSealer& seal) {
  const Secret& refresh_token = tokens.refresh_token.empty() ? used : tokens.refresh_token;
  const std::chrono::seconds none(0);
  return {.sealed_access_token = seal(Sealing::TokenKind::kAccess, tokens.access_token),
          .sealed_refresh_token = seal(Sealing::TokenKind::kRefresh, refresh_token),
          .scope = tokens.scope,
          .expires_in = tokens.access_token.empty() ? none : tokens.expires_in,
          .key_epoch = key_epoch};
}

}  // namespace shodan::tokenvault
