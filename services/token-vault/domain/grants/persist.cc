// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/grants/persist.h"

#include <algorithm>

namespace shodan::tokenvault {
namespace {

constexpr std::chrono::milliseconds kOneTry{5'000};
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{2'000};

bool FateUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsAborted(status);
}

}  // namespace

absl::Status PersistUntilKnown(const std::function<absl::Status(Deadline)>& write,
                               std::chrono::milliseconds limit, const Pause& pause) {
  return PersistUntilKnown(write, limit, pause, std::max(limit, kOneTry), [] {});
}

absl::Status PersistUntilKnown(const std::function<absl::Status(Deadline)>& write,
                               std::chrono::milliseconds limit, const Pause& pause,
                               std::chrono::milliseconds patience,
                               const std::function<void()>& meanwhile) {
  const Deadline end = Deadline::After(limit);
  const Deadline patience_ends = Deadline::After(patience);
  const std::chrono::milliseconds first_tries = std::clamp(patience, kFirstPause, kOneTry);
  bool waited_long = false;
  std::chrono::milliseconds delay = kFirstPause;
  while (true) {
    // A try must not outlast the patience while the tokens are nowhere but in memory.
    absl::Status status = write(Deadline::After(waited_long ? kOneTry : first_tries));
    if (!FateUnknown(status) || end.Expired()) return status;
    if (!waited_long && patience_ends.Expired()) {
      waited_long = true;
      meanwhile();
    }
    pause(delay);
    delay = std::min(delay * 2, kLongestPause);
  }
}

}  // namespace shodan::tokenvault
