// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "services/account-link/domain/link.h"

namespace shodan::account_link {

/// A request that must not have its effect twice: unique for 24 hours by project, caller, user and
/// request id, recorded in the transaction of the effect.
struct IdempotentRequest {
  UserKey owner;
  std::string caller;      ///< SPIFFE id
  std::string request_id;  ///< UUID
  std::string_view method;
  std::string fingerprint;  ///< see FingerprintOf()
};

/// SHA-256 (32 raw bytes) over the method and the request's content: two requests under one id are
/// repetitions of each other exactly when these are equal.
std::string FingerprintOf(std::string_view method, std::initializer_list<std::string_view> content);

}  // namespace shodan::account_link
