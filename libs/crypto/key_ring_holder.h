// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "libs/crypto/key_ring.h"

namespace shodan {

/// The key ring in use, replaceable while others seal and open with it.
///
/// Readers take no lock: of two slots one is current, and a replacement fills the other, then turns
/// to it. The old ring's keys are wiped when its last reader lets go. (Not std::atomic of a
/// shared_ptr: in libstdc++ 12 its readers spin on a lock, and ThreadSanitizer reports it.)
/// Thread-safe.
class KeyRingHolder {
 public:
  explicit KeyRingHolder(KeyRing ring);
  KeyRingHolder(const KeyRingHolder&) = delete;
  KeyRingHolder& operator=(const KeyRingHolder&) = delete;

  /// Never null. Whoever needs one epoch for several steps keeps the answer for as long.
  std::shared_ptr<const KeyRing> Get() const;
  /// Calls of Get() that start after the return see the new ring.
  void Replace(KeyRing ring);

 private:
  struct Slot {
    mutable std::atomic<int> readers{0};
    std::shared_ptr<const KeyRing> ring;
  };

  std::mutex replacing_;
  std::array<Slot, 2> slots_;
  std::atomic<size_t> current_{0};
};

}  // namespace shodan
