// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace shodan::service {

/// Bound ports by listener: "grpc", "admin", "https".
using Ports = std::vector<std::pair<std::string_view, int>>;

/// Replaces the file by {"grpc":N,"admin":N} in one step, so that a reader sees all of it or
/// nothing. Readable by everyone: ports are no secret. UNAVAILABLE/PORT_FILE_UNWRITABLE.
absl::Status WritePortFile(const std::string& path, const Ports& ports);

}  // namespace shodan::service
