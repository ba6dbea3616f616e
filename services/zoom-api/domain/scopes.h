// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/zoom-api/domain/api_request.h"

namespace shodan::zoomapi {

/// The scopes of which Zoom asks one, in both families (granular and classic) and at every level
/// (user, admin, master); the first is the one to ask for. Empty for endpoints that are not listed
/// here: the meeting actions are, and those that are used beside them.
std::vector<std::string> ScopesThatAllow(Method method, const RequestTarget& target);

/// Whether any endpoint listed here asks for it.
bool IsKnownScope(std::string_view scope);

}  // namespace shodan::zoomapi
