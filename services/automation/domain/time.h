// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace shodan::automation {

/// A time of a database's clock, of Zoom's, or of this machine's.
using Time = std::chrono::system_clock::time_point;

}  // namespace shodan::automation
