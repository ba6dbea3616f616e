// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "libs/base/strings.h"

namespace shodan::account_link {

/// The full name of one of the service's methods, as the policy file has it.
inline std::string MethodName(std::string_view method) {
  return Join("/shodan.accountlink.v1.AccountLinkService/", method);
}

}  // namespace shodan::account_link
