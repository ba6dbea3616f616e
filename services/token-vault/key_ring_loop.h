// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "libs/concurrency/periodic_task.h"
#include "libs/crypto/key_ring_file.h"
#include "services/token-vault/domain/keys/key_rotation.h"
#include "services/token-vault/domain/keys/tag_rotation.h"

namespace shodan::tokenvault {

/// The background work about keys: one thread looks at the key-ring file, reports to the database
/// and learns the primary epoch and the tag versions; another seals again what is left under older
/// epochs and makes tags again.
class KeyRingLoop {
 public:
  /// All outlive this. `file` must have been read once.
  KeyRingLoop(KeyRotation& rotation, TagRotation& tags, KeyRingFile& file,
              std::chrono::milliseconds interval);
  /// Waits for the round in progress and takes this replica off the list.
  ~KeyRingLoop();
  KeyRingLoop(const KeyRingLoop&) = delete;
  KeyRingLoop& operator=(const KeyRingLoop&) = delete;

 private:
  void Report();
  void Rewrap();

  KeyRotation& rotation_;
  TagRotation& tags_;
  KeyRingFile& file_;
  std::atomic<bool> stopping_{false};
  std::optional<PeriodicTask> reporter_;
  std::optional<PeriodicTask> rewrapper_;
};

}  // namespace shodan::tokenvault
