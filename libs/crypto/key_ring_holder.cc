// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/key_ring_holder.h"

#include <thread>
#include <utility>

namespace shodan {

KeyRingHolder::KeyRingHolder(KeyRing ring) {
  slots_[0].ring = std::make_shared<const KeyRing>(std::move(ring));
}

std::shared_ptr<const KeyRing> KeyRingHolder::Get() const {
  for (;;) {
    const size_t index = current_.load();
    const Slot& slot = slots_[index];
    slot.readers.fetch_add(1);
    // Announced before this look: whoever fills the slot from here on waits for the announcement.
    if (current_.load() == index) {
      std::shared_ptr<const KeyRing> ring = slot.ring;
      slot.readers.fetch_sub(1);
      return ring;
    }
    slot.readers.fetch_sub(1);
  }
}

void KeyRingHolder::Replace(KeyRing ring) {
  auto fresh = std::make_shared<const KeyRing>(std::move(ring));
  const std::scoped_lock lock(replacing_);
  const size_t old = current_.load();
  Slot& next = slots_[1 - old];
  // Readers stay for the copy of one pointer.
  const auto wait_for_readers = [](const Slot& slot) {
    while (slot.readers.load() != 0) std::this_thread::yield();
  };
  wait_for_readers(next);
  next.ring = std::move(fresh);
  current_.store(1 - old);
  wait_for_readers(slots_[old]);
  slots_[old].ring.reset();
}

}  // namespace shodan
