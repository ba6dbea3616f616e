// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "services/account-link/domain/validation.h"

namespace shodan::account_link {

/// Checks "metadata": a JSON object (RFC 8259) of at most 16 KiB, at most 16 deep, whose texts hold
/// no NUL character, which the database cannot keep. Returns it as it is to be stored.
std::string CheckMetadata(std::string_view text, RequestCheck& check);

}  // namespace shodan::account_link
