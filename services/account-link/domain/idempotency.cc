// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/idempotency.h"

#include "libs/crypto/digest.h"

namespace shodan::account_link {

std::string FingerprintOf(std::string_view method,
                          std::initializer_list<std::string_view> content) {
  return Sha256(LengthPrefixed({method, LengthPrefixed(content)}));
}

}  // namespace shodan::account_link
