// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "libs/service/grpc_host.h"

namespace shodan::tokenvault {

/// Every bound of this service that is not a setting. Calls wait for PostgreSQL or Zoom, hence more
/// workers than cores.
inline constexpr service::HostLimits kHostLimits = {
    .worker_threads = 32, .max_queued_calls = 1'024, .drain = std::chrono::seconds(30)};

}  // namespace shodan::tokenvault
