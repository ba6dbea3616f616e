// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"

namespace shodan::postgres {

/// The addresses of a host name, as text, in the system's order of preference. A numeric address
/// gives itself.
///
/// libpq looks names up with getaddrinfo(), which has no time limit; this waits for it on a thread
/// of its own, and leaves that thread to end by itself when the deadline comes first.
/// UNAVAILABLE/DATABASE_UNAVAILABLE when the name has no address, DEADLINE_EXCEEDED/
/// DATABASE_TIMEOUT.
absl::StatusOr<std::vector<std::string>> ResolveHost(const std::string& host, Deadline deadline);

}  // namespace shodan::postgres
