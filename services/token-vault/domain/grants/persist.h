// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

#include "absl/status/status.h"
#include "libs/base/deadline.h"
#include "services/token-vault/domain/settings.h"

namespace shodan::tokenvault {

/// Repeats `write` until its fate is known: anything but UNAVAILABLE, DEADLINE_EXCEEDED and ABORTED
/// is an answer. `write` gets a deadline for one try and must be repeatable. Gives up after `limit`
/// with the last error.
absl::Status PersistUntilKnown(const std::function<absl::Status(Deadline)>& write,
                               std::chrono::milliseconds limit, const Pause& pause);

/// The same; once the fate has been unknown for `patience`, `meanwhile` runs, once.
absl::Status PersistUntilKnown(const std::function<absl::Status(Deadline)>& write,
                               std::chrono::milliseconds limit, const Pause& pause,
                               std::chrono::milliseconds patience,
                               const std::function<void()>& meanwhile);

}  // namespace shodan::tokenvault
