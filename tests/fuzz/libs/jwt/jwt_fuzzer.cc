// SPDX-License-Identifier: Apache-2.0
// Tokens, key sets and claims from outside. No input may verify but the ones that were signed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/jwt/claims.h"
#include "libs/jwt/jws.h"
#include "tests/unit/libs/jwt/rfc_examples.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shodan::jwt;
  static const KeySet keys = *KeySet::Parse(rfc::SetOf(rfc::kEdJwk));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto payload = VerifyJws(text, keys);
  if (payload.ok() && text != rfc::kEdToken) std::abort();
  static_cast<void>(PeekUnverifiedIssuer(text));
  if (const auto set = KeySet::Parse(text); set.ok()) {
    static_cast<void>(VerifyJws(rfc::kRsaToken, *set));
  }
  ClaimRules rules;
  rules.issuer = "joe";
  rules.max_lifetime = std::chrono::seconds(60);
  static_cast<void>(Claims::Check(text, rules, std::chrono::system_clock::now()));
  return 0;
}
