// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "services/token-vault/domain/grants/grant.h"

namespace shodan::tokenvault {

/// The names that states, causes, purposes and results have in the database, in the audit and in
/// error metadata. An unknown name reads as the first value.
std::string_view NameOf(GrantState state);
std::string_view NameOf(GrantCause cause);
std::string_view NameOf(AttemptState state);
std::string_view NameOf(AttemptResult result);
std::string_view NameOf(Purpose purpose);

GrantState GrantStateNamed(std::string_view name);
GrantCause GrantCauseNamed(std::string_view name);
AttemptState AttemptStateNamed(std::string_view name);
AttemptResult AttemptResultNamed(std::string_view name);
Purpose PurposeNamed(std::string_view name);

}  // namespace shodan::tokenvault
