// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"

namespace shodan::tokenvault {

/// How old key epochs may get, counted from the moment they became primary, or were first seen
/// where that is not known.
struct KeySchedule {
  std::chrono::milliseconds rotate_every{0};   ///< another one becomes primary
  std::chrono::milliseconds retire_after{0};   ///< from then on at least, until it may be retired
  std::chrono::milliseconds destroy_after{0};  ///< no replica has the key any more
};

/// Whether an installation keeps its schedule.
struct KeyScheduleState {
  std::optional<Time> rotation_due;  ///< absent while there is no primary epoch
  /// When the replacement or destruction that is overdue was due. A replacement may be a day late.
  std::optional<Time> overdue_since;
  /// When everything that is sealed now, or was before, can no longer be opened; absent while
  /// something is overdue, because then nobody knows.
  std::optional<Time> unreadable_at;
};

/// `now` is the database's, as all times of the epochs are. Of an epoch, state, first_seen_at and
/// promoted_at are looked at.
KeyScheduleState JudgeSchedule(const std::vector<KeyEpochStatus>& epochs,
                               const KeySchedule& schedule, Time now);

/// Shows as a metric whether rotation is overdue, and logs when that begins and ends. One thread at
/// a time.
class KeyScheduleWatch {
 public:
  using Read = std::function<absl::StatusOr<KeyScheduleState>(Deadline)>;
  KeyScheduleWatch(Read read, Logger& log, Metrics& metrics)
      : read_(std::move(read)), log_(log), metrics_(metrics) {}

  /// Shows nothing new while the schedule cannot be read.
  void Look(Deadline deadline);

 private:
  const Read read_;
  Logger& log_;
  Metrics& metrics_;
  bool overdue_ = false;
};

}  // namespace shodan::tokenvault
