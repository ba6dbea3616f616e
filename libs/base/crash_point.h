// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace shodan {

/// Named places at which a test may have the process killed, as by kill -9.
///
/// Nothing happens unless ArmCrashPoints() named the place, which a production configuration
/// refuses. Names are `service.operation.where`, for example "vault.activate.before_commit".
/// Arm before other threads start; reaching is safe from any thread.
void ArmCrashPoints(std::set<std::string> names);
void CrashPoint(std::string_view name);

}  // namespace shodan
