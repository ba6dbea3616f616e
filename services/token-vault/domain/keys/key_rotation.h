// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "libs/crypto/key_ring_holder.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/token-vault/domain/keys/key_rotation_store.h"
#include "services/token-vault/domain/keys/key_schedule.h"
#include "services/token-vault/domain/settings.h"

namespace shodan::tokenvault {

/// How keys are rotated.
struct KeySettings {
  std::chrono::milliseconds report_interval{5'000};
  std::chrono::milliseconds replica_stale{60'000};  ///< a replica silent for so long does not count
  /// From the day an epoch stopped being primary to the day its key may go.
  std::chrono::milliseconds retire_after{7LL * 24 * 3600 * 1000};
  /// When an epoch is to be replaced, and when its key is to be gone, both from its promotion.
  std::chrono::milliseconds rotate_every{7LL * 24 * 3600 * 1000};
  std::chrono::milliseconds destroy_after{14LL * 24 * 3600 * 1000};
  int rewrap_batch = 100;  ///< rows in one transaction
  std::chrono::milliseconds rewrap_pause{20};
};

/// What receipts of erasures can promise rests on it.
inline KeySchedule ScheduleOf(const KeySettings& settings) {
  return {settings.rotate_every, settings.retire_after, settings.destroy_after};
}

/// The rotation of key epochs: add, promote, re-wrap, retire, destroy. And the ring itself, tag
/// keys included.
///
/// A key is added by putting it into every replica's key-ring file. The database says which epoch
/// is primary and which tag versions are in use; every replica asks it every few seconds. A ring
/// that does not fit the database is not taken over: the old one stays in use and the replica is
/// not ready. Thread-safe.
class KeyRotation {
 public:
  struct Parts {
    KeyRotationStore& store;
    KeyRingHolder& keys;
    std::string replica;
    const KeySettings& settings;
    Pause pause;
    Logger& log;
    Metrics& metrics;
  };
  explicit KeyRotation(Parts parts) : parts_(std::move(parts)) {}

  /// Takes over a ring that was just read, if it fits the database. Errors as in
  /// KeyRotationStore::Agree().
  absl::Status Adopt(const KeyRing& ring, Deadline deadline);
  /// Reports the ring in use and turns to the database's primary epoch and tag versions.
  absl::Status Refresh(Deadline deadline);
  /// A key-ring file that could not be read or parsed: not ready until one is taken over.
  void Reject(const absl::Status& why, Deadline deadline);
  /// Reason why this replica must not be used, empty when all is well.
  std::string Problem() const;
  /// Says goodbye, so that nobody waits for this replica.
  void Leave(Deadline deadline);

  /// Seals again what is left under readable epochs, batch by batch, until nothing is left, the
  /// deadline passes or `stop` says so. A crash loses nothing: what is done shows in the rows.
  /// Several replicas may do so at once. Answers how many rows it stored.
  absl::StatusOr<int64_t> Rewrap(Deadline deadline, const std::function<bool()>& stop = {});

  absl::StatusOr<KeyStatus> Status(Deadline deadline);
  /// Whether what Status() answered keeps to the schedule.
  KeyScheduleState Schedule(const KeyStatus& status) const;
  /// Makes an epoch primary. NOT_FOUND/KEY_EPOCH_NOT_FOUND; FAILED_PRECONDITION/KEY_EPOCH_STATE
  /// unless it is new and above the present one, /KEY_NOT_ON_ALL_REPLICAS.
  absl::Status Promote(int32_t key_epoch, const Actor& actor, Deadline deadline);
  /// Closes an epoch for ever. FAILED_PRECONDITION/KEY_EPOCH_IN_USE while rows have fields under it
  /// or a replica seals under it, /KEY_EPOCH_TOO_YOUNG, /KEY_EPOCH_STATE for the primary one.
  absl::Status Retire(int32_t key_epoch, const Actor& actor, Deadline deadline);
  /// Records that a retired epoch's key is gone. FAILED_PRECONDITION/KEY_EPOCH_STATE,
  /// /KEY_EPOCH_ON_REPLICAS.
  absl::Status Destroy(int32_t key_epoch, const Actor& actor, Deadline deadline);

 private:
  absl::Status Use(const KeyRing& ring, Deadline deadline);
  absl::StatusOr<int64_t> RewrapAll(Deadline deadline, const std::function<bool()>& stop);
  absl::Status ShowRowsLeft(std::map<int32_t, int64_t>& left, Deadline deadline);
  absl::StatusOr<int64_t> RewrapTable(SealedTable table, int32_t key_epoch, Deadline deadline,
                                      const std::function<bool()>& stop);
  void SetProblem(std::string reason);

  const Parts parts_;
  std::mutex replacing_;
  mutable std::mutex mutex_;
  std::string problem_ = "starting";
};

}  // namespace shodan::tokenvault
