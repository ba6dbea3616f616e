// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/zoom-api/domain/request_target.h"

namespace shodan::zoomapi {

/// The path with everything replaced by {id} that is not one of Zoom's own words for collections
/// and actions: "/meetings/{id}/registrants". Holds no id, for the record of unsafe requests.
std::string EndpointTemplate(const RequestTarget& target);

}  // namespace shodan::zoomapi
