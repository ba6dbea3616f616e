// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "services/zoom-api/domain/intent.h"

namespace shodan::zoomapi {

/// Intents of unsafe requests. Blocking; thread-safe. Errors are the database's.
class IntentStore {
 public:
  virtual ~IntentStore() = default;

  /// Commits the intent, unless one with the same project, caller, user and request id is there
  /// that is neither of the same attempt, nor kNotSent with the same fingerprints, nor older than
  /// the retention: then that one, and the request must not be sent.
  virtual absl::StatusOr<std::optional<EarlierIntent>> Begin(const Intent& intent,
                                                             Deadline deadline) = 0;
  /// Says how the attempt ended, and records it in the audit unless it is kNotSent. Does nothing
  /// when the intent is no longer this attempt's or has ended.
  virtual absl::Status End(const Intent& intent, const IntentEnding& ending, Deadline deadline) = 0;

  /// Says of at most `limit` intents past their time limit that their outcome is unknown. Returns
  /// how many.
  virtual absl::StatusOr<int> EndLost(int limit, Deadline deadline) = 0;
  /// Removes at most `limit` intents that are older than the retention. Returns how many.
  virtual absl::StatusOr<int> RemoveOld(int limit, Deadline deadline) = 0;
};

}  // namespace shodan::zoomapi
